// Reads requests that Signalbox signed, as JSON from standard input, and has the providers' own libraries verify
// them. Prints one line per request; ends with 1 when a library refuses one, or accepts it with another body.
//
// Each: {name, provider, secret, headers: {name: value}, body, signed_at}; signed_at in seconds since 1970.

import { OctokitWebhooks, StandardWebhook, SvixWebhook, stripeWebhooks } from "./libraries.mjs";

// Each resolves to whether the library accepts; libraries that throw to refuse are asked through `accepts`.
const accepts = (attempt) => {
  try {
    attempt();
    return true;
  } catch (refusal) {
    console.log(`  (refused: ${refusal.message.split("\n")[0]})`);
    return false;
  }
};
const verifiers = {
  github: ({ secret, headers }, body) => new OctokitWebhooks({ secret }).verify(body, headers["x-hub-signature-256"]),
  stripe: ({ secret, headers, signed_at }, body) =>
    accepts(() =>
      stripeWebhooks.constructEvent(body, headers["stripe-signature"], secret, 300, undefined, signed_at * 1000),
    ),
  standardwebhooks: ({ secret, headers }, body) => accepts(() => new StandardWebhook(secret).verify(body, headers)),
  svix: ({ secret, headers }, body) => accepts(() => new SvixWebhook(secret).verify(body, headers)),
};

let input = "";
for await (const chunk of process.stdin) input += chunk;

let failed = false;
for (const request of JSON.parse(input)) {
  // Standard Webhooks' libraries take the time from nowhere else.
  Date.now = () => request.signed_at * 1000;
  const verifies = verifiers[request.provider];
  const good = await verifies(request, request.body);
  const changed = await verifies(request, request.body.replace("{", "{ "));
  failed ||= !good || changed;
  console.log(`${request.name}: ${good ? "accepted" : "REFUSED"}, changed body ${changed ? "ACCEPTED" : "refused"}`);
}
process.exit(failed ? 1 : 0);

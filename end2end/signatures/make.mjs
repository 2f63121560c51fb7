// Prints signed requests as JSON: made by the providers' own libraries where there is one, else by the provider's
// documented recipe through node's crypto. `domain/tests/signature_vectors.rs` verifies them all.
//
// Each: {name, made_by, scheme, secret, headers: [[name, value]], body_base64, signed_at}; signed_at is in seconds
// since 1970, or null where the scheme signs no time.

import { createHmac } from "node:crypto";

import { OctokitWebhooks, StandardWebhook, SvixWebhook, stripeWebhooks } from "./libraries.mjs";

const SIGNED_AT = 1_795_334_400; // 2026-11-22T08:00:00Z
const OTHER_KEY = "whsec_" + Buffer.alloc(32, 9).toString("base64");

// Bytes that a parser would be tempted to change: escapes, 64-bit numbers, repeated keys, spaces, line breaks.
const TEXTS = {
  plain: '{"id":"evt_1","type":"invoice.paid","data":{"object":{"id":"in_1"}}}',
  awkward:
    ' {"id": 18446744073709551615, "a":1, "a":2,\r\n\t"name":"Zo\\u00eb Zoë \u{1f6a6}","amount":1.10,"x":"\\/"}\n',
  empty: "",
};
// Signatures are over bytes: these are not UTF-8. The libraries take text only.
const BYTES = { ...TEXTS, binary: Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x0a, 0x80]) };

const hmac = (key, parts, encoding) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
};

const vectors = [];
const add = (name, made_by, scheme, secret, headers, body, signed_at = null) =>
  vectors.push({
    name,
    made_by,
    scheme,
    secret,
    headers: Object.entries(headers),
    body_base64: Buffer.from(body).toString("base64"),
    signed_at,
  });

for (const [name, body] of Object.entries(TEXTS)) {
  if (body !== "") {
    // Octokit refuses to sign an empty payload.
    const secret = "It's a Secret to Everybody";
    const signature = await new OctokitWebhooks({ secret }).sign(body);
    add(`github ${name}`, "@octokit/webhooks", { type: "github" }, secret, { "X-Hub-Signature-256": signature }, body);
  }

  const stripe = { type: "stripe" };
  const secret = "whsec_5f2d9a7c3b1e48f6a0c4d8e2b6f0a4c8";
  const header = (more) =>
    stripeWebhooks.generateTestHeaderString({ payload: body, secret, timestamp: SIGNED_AT, ...more });
  add(`stripe ${name}`, "stripe", stripe, secret, { "Stripe-Signature": header() }, body, SIGNED_AT);
  const rotated = `${header({ secret: "whsec_old" })},${header().split(",")[1]},${header({ scheme: "v0" }).split(",")[1]}`;
  add(`stripe rotated ${name}`, "stripe", stripe, secret, { "Stripe-Signature": rotated }, body, SIGNED_AT);

  const standard = { type: "standard_webhooks" };
  const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const date = new Date(SIGNED_AT * 1000);
  for (const [prefix, made_by, Webhook] of [
    ["webhook", "standardwebhooks", StandardWebhook],
    ["svix", "svix", SvixWebhook],
  ]) {
    const signature = new Webhook(key).sign(id, date, body);
    const headers = (signature) => ({
      [`${prefix}-id`]: id,
      [`${prefix}-timestamp`]: String(SIGNED_AT),
      [`${prefix}-signature`]: signature,
    });
    add(`${made_by} ${name}`, made_by, standard, key, headers(signature), body, SIGNED_AT);
    const bare = key.slice("whsec_".length);
    add(`${made_by} without whsec_ ${name}`, made_by, standard, bare, headers(signature), body, SIGNED_AT);
    const both = `${new Webhook(OTHER_KEY).sign(id, date, body)} ${signature} v1a,c2lnbmF0dXJl`;
    add(`${made_by} rotated ${name}`, made_by, standard, key, headers(both), body, SIGNED_AT);
  }
}

for (const [name, body] of Object.entries(BYTES)) {
  const shopify = { "X-Shopify-Hmac-Sha256": hmac("shpss_1234", [body], "base64") };
  add(`shopify ${name}`, "node:crypto", { type: "shopify" }, "shpss_1234", shopify, body);

  const slack = {
    "X-Slack-Request-Timestamp": String(SIGNED_AT),
    "X-Slack-Signature": "v0=" + hmac("8f742231b10e8888", [`v0:${SIGNED_AT}:`, body], "hex"),
  };
  add(`slack ${name}`, "node:crypto", { type: "slack" }, "8f742231b10e8888", slack, body, SIGNED_AT);

  const key = "a key of more than sixty-four bytes, which HMAC hashes before it uses it, ünd not ASCII";
  const millis = `${SIGNED_AT}250`;
  const generic = {
    type: "hmac_sha256",
    header: "X-Acme-Signature",
    encoding: "base64",
    prefix: "v1=",
    signed: "{id}:{timestamp}:{body}",
    timestamp: { header: "X-Acme-Time", unit: "millis" },
    id_header: "X-Acme-Id",
  };
  const headers = {
    "X-Acme-Id": "a-1",
    "X-Acme-Time": millis,
    "X-Acme-Signature": "v1=" + hmac(key, [`a-1:${millis}:`, body], "base64"),
  };
  add(`generic ${name}`, "node:crypto", generic, key, headers, body, SIGNED_AT + 0.25);

  const hex = { type: "hmac_sha256", header: "X-Signature", encoding: "hex" };
  const upper = { "X-Signature": hmac(key, [body], "hex").toUpperCase() };
  add(`generic upper case ${name}`, "node:crypto", hex, key, upper, body);
}

const basic = "Basic " + Buffer.from("höok:pass:wörd").toString("base64");
add("basic", "node", { type: "basic", username: "höok" }, "pass:wörd", { Authorization: basic }, "{}");
add("bearer", "node", { type: "bearer" }, "t0ken", { Authorization: "Bearer t0ken" }, "{}");
add("api key", "node", { type: "api_key", header: "X-Api-Key" }, "k3y", { "x-api-key": "k3y" }, "{}");

console.log(JSON.stringify(vectors));

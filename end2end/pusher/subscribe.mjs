// Unmodified pusher-js and the npm server library `pusher` against a running server; started by
// server/tests/front_door/pusher_js.rs, which says where in a JSON argument and judges what is reported here, one JSON object
// per line. The steps wait for events, never for time; the Rust side ends a run that hangs.
import { createRequire } from "node:module";
import { join } from "node:path";

const { nodeDir, host, port, appId, key, secret, apiKey, channel, foreignChannel } = JSON.parse(process.argv[2]);
const require = createRequire(join(nodeDir, "package.json"));
const PusherJs = require("pusher-js");
const PusherServer = require("pusher");

// pusher-js wraps the error of a close frame once more than that of a pusher:error.
const codeOf = (error) => (error.error ?? error).data?.code ?? String(error);
const report = (step, detail = {}) => console.log(JSON.stringify({ step, ...detail }));

const connect = (channelAuthorization) =>
  new PusherJs(key, {
    cluster: "",
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ["ws"],
    disableStats: true,
    channelAuthorization,
  });
const once = (target, event) => new Promise((resolve) => target.bind(event, resolve));
const serverLibrary = (withSecret) =>
  new PusherServer({ appId, key, secret: withSecret, host, port: String(port), useTLS: false });

// Joins through the authorization endpoint.
const client = connect({
  endpoint: `http://${host}:${port}/realtime/auth`,
  transport: "ajax",
  headers: { Authorization: `Bearer ${apiKey}` },
});
client.connection.bind("error", (error) => report("client error", { code: codeOf(error) }));
const subscription = client.subscribe(channel);
const delivered = new Promise((resolve) => {
  subscription.bind("changes", ({ rows }) => rows.filter((row) => row.status === "delivered").forEach(resolve));
});
await once(subscription, "pusher:subscription_succeeded");
report("subscribed", { socketId: client.connection.socket_id });
report("a delivered row", { row: await delivered });

// An endpoint that says no.
const refusedByEndpoint = client.subscribe(foreignChannel);
const { type: endpointType, status: endpointStatus } = await once(refusedByEndpoint, "pusher:subscription_error");
report("refused by the endpoint", { type: endpointType, status: endpointStatus });

// The server library triggers, singly, in a batch, and past the sender.
const library = serverLibrary(secret);
const heard = [];
// Besides, the server goes on telling what changes.
subscription.bind_global((event, data) => event === "changes" || heard.push([event, data]));
const last = once(subscription, "last");
await library.trigger(channel, "from-library", { text: 'quoted "ä"\n', big: "x".repeat(9000) });
await library.trigger(channel, "not-for-the-sender", {}, { socket_id: client.connection.socket_id });
await library.triggerBatch([
  { channel, name: "in-a-batch", data: [1, 2] },
  { channel, name: "last", data: {} },
]);
await last;
report("from the library", { heard: heard.map(([event, data]) => [event, data.text ?? data]) });

const get = async (path, params) => (await library.get({ path, params })).json();
report("channels", await get("/channels", { filter_by_prefix: "private-", info: "subscription_count" }));
report("channel", await get(`/channels/${channel}`, { info: "subscription_count" }));

const failure = (promise) => promise.then(() => null, (error) => error.status);
report("refused triggers", {
  wrongSecret: await failure(serverLibrary("wrong").trigger(channel, "forged", {})),
  tooLarge: await failure(library.trigger(channel, "too-large", "x".repeat(10241))),
  unsupported: await failure(library.trigger("presence-room", "unheard", {})),
});

// A wrong signature gets an error and no event; a public channel shows when all has arrived.
const intruder = connect({
  customHandler: (_, callback) => callback(null, { auth: `${key}:${"0".repeat(64)}` }),
});
intruder.connection.bind("error", (error) => report("intruder error", { code: codeOf(error) }));
const forged = intruder.subscribe(channel);
const stolen = [];
const { type, status } = await once(forged, "pusher:subscription_error");
report("refused by the server", { type, status });
forged.bind_global((event) => stolen.push(event));
const fence = intruder.subscribe("fence");
await once(fence, "pusher:subscription_succeeded");
const atFence = once(fence, "arrived");
await library.trigger([channel, "fence"], "arrived", {});
await atFence;
report("stolen", { events: stolen });

// Leaving is noticed.
client.unsubscribe(channel);
client.subscribe("fence");
await once(client.channel("fence"), "pusher:subscription_succeeded");
report("after leaving", await get(`/channels/${channel}`, { info: "subscription_count" }));

// A server that goes away sends clients back at once.
const reconnecting = once(client.connection, "connecting");
report("ready for the shutdown");
await reconnecting;
report("reconnecting");
// Both would go on trying.
process.exit();

// The providers' own npm libraries, resolved from the working directory, so that these scripts also run against
// packages that are installed elsewhere than beside them.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));

const load = (name) => import(pathToFileURL(require.resolve(name)));

export const { Webhooks: OctokitWebhooks } = await load("@octokit/webhooks");
export const { Webhook: StandardWebhook } = await load("standardwebhooks");
export const { Webhook: SvixWebhook } = await load("svix");

const stripe = await load("stripe");
export const stripeWebhooks = (stripe.Stripe ?? stripe.default).webhooks;

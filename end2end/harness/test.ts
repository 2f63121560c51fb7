// `test` for every spec: a running Signalbox per worker, an organization per test that asks for one, and pages that
// may not complain.
import { test as base, expect } from '@playwright/test';
import { startDestination, type Answer, type Destination, type Received } from './destination.ts';
import { createOrganization, setUp, signInAs, type Organization, type Person } from './organization.ts';
import { startSignalbox, type Signalbox } from './signalbox.ts';

interface TestFixtures {
  /** Complaints a test provokes on purpose: `test.use({ expectedProblems: [/status of 401/] })`. */
  expectedProblems: RegExp[];
  /** What pages complained about: errors in the console, uncaught exceptions, violations of the CSP. */
  problems: string[];
  /** An organization of this test's own; `page` is its administrator's. */
  organization: Organization;
  /** Starts a third party that ends with the test. */
  destination: (answer: (request: Received) => Answer) => Promise<Destination>;
}

interface WorkerFixtures {
  signalbox: Signalbox;
  /** The global administrator of a server that is set up. */
  root: Person;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  signalbox: [
    async ({}, use) => {
      const signalbox = await startSignalbox();
      await use(signalbox);
      await signalbox.stop();
    },
    { scope: 'worker' },
  ],

  root: [
    async ({ signalbox }, use) => {
      await use(await setUp(signalbox));
    },
    { scope: 'worker' },
  ],

  organization: async ({ signalbox, root, context }, use) => {
    const organization = await createOrganization(signalbox, root);
    await signInAs(context, signalbox.url, organization.admin);
    await use(organization);
  },

  destination: async ({}, use) => {
    const started: Destination[] = [];
    await use(async (answer) => {
      const destination = await startDestination(answer);
      started.push(destination);
      return destination;
    });
    await Promise.all(started.map((destination) => destination.stop()));
  },

  baseURL: async ({ signalbox }, use) => {
    await use(signalbox.url);
  },

  expectedProblems: [[], { option: true }],

  problems: [
    async ({ context, expectedProblems, signalbox }, use, testInfo) => {
      const problems: string[] = [];
      context.on('console', (message) => {
        if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => problems.push(`${error.error()}`));
      // Chromium prints most violations, but not all; as an event every one arrives.
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
          console.error(`CSP violation: ${violatedDirective} ${blockedURI} ${sample}`);
        });
      });
      await use(problems);
      const unexpected = problems.filter((problem) => !expectedProblems.some((expected) => expected.test(problem)));
      if (unexpected.length > 0 || testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('server output', { body: signalbox.output(), contentType: 'text/plain' });
      }
      expect(unexpected, 'the pages of this test complained').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

// Browser tests of the whole product: real server, real database, real Chromium. `cargo xtask test --only browser`
// builds the server and starts them; arguments for Playwright follow `--`.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // A test that fails now and then has a bug, or shows one.
  retries: 0,
  forbidOnly: true,
  // Every worker has a server of its own (harness/test.ts).
  workers: 2,
  // Generous: a slow machine is no defect of the product.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: 20_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.SIGNALBOX_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});

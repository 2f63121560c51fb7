// How long a person waits: for the first row after the address was entered, and for a megabyte of JSON in the drawer.
// Figures, not conditions: they depend on the machine and on what else it does.
import type { Browser, Page } from '@playwright/test';
import { drawer, rows } from '../harness/pages.ts';
import { signInAs, type Organization } from '../harness/organization.ts';
import { expect, test } from '../harness/test.ts';

const RUNS = 9;

/** Runs `measure` in fresh browser contexts, with cold caches; resolves with what each gave. */
async function cold<T>(browser: Browser, organization: Organization, measure: (page: Page) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext({ baseURL: organization.origin, viewport: { width: 1440, height: 900 } });
    await signInAs(context, organization.origin, organization.admin);
    results.push(await measure(await context.newPage()));
    await context.close();
  }
  return results;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function report(what: string, values: number[], unit = 'ms'): void {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.round);
  console.log(`${what}: ${Math.round(median(values))} ${unit} (median of ${values.length}, ${low} to ${high})`);
}

test('from the address to the first row', async ({ browser, organization }) => {
  test.setTimeout(300_000);
  const shop = await organization.addReceiver({ name: 'Shop' });
  for (let at = 0; at < 200; at += 1) await shop.send({ id: `order-${at}`, total: '49.00' });
  const times = await cold(browser, organization, async (page) => {
    await page.addInitScript(() => {
      const seen = new MutationObserver(() => {
        if (!document.querySelector('table.grid tbody [data-id], [role="grid"] [data-id]')) return;
        seen.disconnect();
        // Painted with the frame after the next one began.
        requestAnimationFrame(() => requestAnimationFrame((now) => Object.assign(window, { firstRow: now })));
      });
      seen.observe(document, { subtree: true, childList: true });
    });
    await page.goto('/');
    await page.waitForFunction(() => 'firstRow' in window);
    return page.evaluate(() => {
      const paint = performance.getEntriesByName('first-contentful-paint')[0];
      const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      return {
        firstRow: (window as unknown as { firstRow: number }).firstRow,
        firstPaint: paint?.startTime ?? 0,
        bytes: loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      };
    });
  });
  report('first paint', times.map(({ firstPaint }) => firstPaint));
  report('first row on the screen', times.map(({ firstRow }) => firstRow));
  report('bodies downloaded by then', times.map(({ bytes }) => bytes / 1_000), 'kB');
  expect(times).toHaveLength(RUNS);
});

const chain = `${'{"a":'.repeat(120)}"deepest"${'}'.repeat(120)}`;
const SHAPES = {
  wide: `{"id":"wide","numbers":[${Array.from({ length: 250_000 }, (_, at) => at % 1_000).join(',')}]}`,
  deep: `{"id":"deep","chains":[${Array.from({ length: 1_390 }, () => chain).join(',')}]}`,
  'one text': `{"id":"text","file":"${'QmFzZTY0'.repeat(125_000)}"}`,
};

for (const [shape, body] of Object.entries(SHAPES)) {
  test(`a payload of ${(body.length / 1e6).toFixed(2)} MB, ${shape}, is opened`, async ({ browser, organization }) => {
    test.setTimeout(300_000);
    const shop = await organization.addReceiver({ name: 'Shop' });
    expect((await shop.send(body)).status).toBe(202);
    const times = await cold(browser, organization, async (page) => {
      await page.goto('/');
      await expect(rows(page)).toHaveCount(1);
      // What the first look brings with it is over.
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => {
        const tasks: number[] = [];
        const note = (entries: PerformanceEntry[]) => tasks.push(...entries.map(({ duration }) => duration));
        const observer = new PerformanceObserver((list) => note(list.getEntries()));
        observer.observe({ type: 'longtask' });
        const longest = () => {
          note(observer.takeRecords());
          return Math.max(0, ...tasks.splice(0));
        };
        Object.assign(window, { longest, began: performance.now() });
      });
      // What a task does to the screen is over with the second frame.
      const longest = () =>
        page.evaluate(
          () =>
            new Promise<number>((done) => {
              const { longest } = window as unknown as { longest: () => number };
              requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(longest()))));
            }),
        );
      const since = () => page.evaluate(() => performance.now() - (window as unknown as { began: number }).began);
      await rows(page).first().click();
      await expect(drawer(page).getByRole('tree')).toBeVisible();
      const opened = await since();
      const opening = await longest();
      await drawer(page).getByRole('button', { name: 'Expand all' }).click();
      await expect(drawer(page).locator('.json-line').nth(3)).toBeVisible();
      const expanding = await longest();
      await drawer(page).getByRole('searchbox').fill('99');
      await expect(drawer(page).locator('.json-tools [role="status"]')).not.toBeEmpty();
      const searching = await longest();
      return { opened, opening, expanding, searching };
    });
    report(`${shape}: until the tree is there`, times.map(({ opened }) => opened));
    report(`${shape}: longest task on opening`, times.map(({ opening }) => opening));
    report(`${shape}: longest task on "Expand all"`, times.map(({ expanding }) => expanding));
    report(`${shape}: longest task of a search`, times.map(({ searching }) => searching));
  });
}

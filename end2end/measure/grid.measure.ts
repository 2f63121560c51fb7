// How the log holds up: 100,000 rows loaded in the console while 1,000 events a second arrive, and how long a row takes
// from the door to the screen. Figures, not conditions: they depend on the machine and on what else it does.
import type { Page } from '@playwright/test';
import { openDashboard, rows } from '../harness/pages.ts';
import type { Organization, Receiver } from '../harness/organization.ts';
import { expect, test } from '../harness/test.ts';

const ROWS = Number(process.env.ROWS ?? 100_000);
const RATE = Number(process.env.RATE ?? 1_000);
const SECONDS = Number(process.env.SECONDS ?? 20);
/** A receiver takes 100,000 requests a minute. */
const RECEIVERS = 4;

let sent = 0;

/** Sends the next event; the doors take turns. */
async function sendOne(doors: Receiver[]): Promise<void> {
  sent += 1;
  const answer = await doors[sent % doors.length]!.send({ id: `order-${sent}`, total: '49.00', currency: 'EUR' });
  if (answer.status !== 202) throw new Error(`the door answered ${answer.status}`);
  await answer.arrayBuffer();
}

/** Sends `count` events as fast as the doors take them from 64 senders. */
async function fill(doors: Receiver[], count: number): Promise<void> {
  let left = count;
  const sender = async () => {
    while (left-- > 0) await sendOne(doors);
  };
  await Promise.all(Array.from({ length: 64 }, sender));
}

/** Sends `RATE` events a second, in 50 portions, whatever the answers take; resolves with how many went out a second. */
async function sendSteadily(doors: Receiver[], seconds: number): Promise<number> {
  const started = performance.now();
  const under = new Set<Promise<void>>();
  let count = 0;
  while (performance.now() - started < seconds * 1_000) {
    const due = Math.floor(((performance.now() - started) / 1_000) * RATE);
    for (; count < due; count += 1) {
      const one: Promise<void> = sendOne(doors).finally(() => under.delete(one));
      under.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const elapsed = (performance.now() - started) / 1_000;
  await Promise.all(under);
  return count / elapsed;
}

async function doorsOf(organization: Organization): Promise<Receiver[]> {
  const names = Array.from({ length: RECEIVERS }, (_, at) => `Shop ${at + 1}`);
  return Promise.all(names.map((name) => organization.addReceiver({ name })));
}

/** Begins to note long tasks, the frames, and when rows come into the document. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted = { tasks: [] as number[], frames: [] as number[], rows: [] as number[] };
    new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
    let last = performance.now();
    const frame = (now: number) => {
      noted.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const arrived = (changes: MutationRecord[]) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        const id = node instanceof HTMLElement ? node.dataset.id : undefined;
        // An id begins with the moment at which the door made it, in milliseconds.
        if (id) noted.rows.push(Date.now() - parseInt(id.slice(4, 16), 16));
      }
    };
    new MutationObserver(arrived).observe(document.querySelector('#log')!, { subtree: true, childList: true });
    Object.assign(window, { noted });
  });
}

type Noted = { tasks: number[]; frames: number[]; rows: number[] };

/** What was noted since the last time. */
async function noted(page: Page): Promise<Noted> {
  return page.evaluate(() => {
    const { tasks, frames, rows } = (window as unknown as { noted: Noted }).noted;
    return { tasks: tasks.splice(0), frames: frames.splice(0), rows: rows.splice(0) };
  });
}

function at(share: number, values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function report(what: string, { tasks, frames }: Noted): void {
  const seconds = frames.reduce((sum, frame) => sum + frame, 0) / 1_000;
  const long = tasks.filter((task) => task > 100).length;
  console.log(
    `${what}: ${(frames.length / seconds).toFixed(0)} frames per second (p99 ${at(0.99, frames).toFixed(0)} ms), ` +
      `${tasks.length} tasks over 50 ms, ${long} over 100 ms, the longest ${Math.max(0, ...tasks).toFixed(0)} ms`,
  );
}

test('100,000 rows while 1,000 events a second arrive', async ({ page, organization }) => {
  test.setTimeout(1_200_000);
  // WebAssembly's memory is none of JavaScript's heap.
  await page.addInitScript(() => {
    const keep = (made: WebAssembly.WebAssemblyInstantiatedSource) => {
      const memory = Object.values(made.instance.exports).find((one) => one instanceof WebAssembly.Memory);
      if (memory) Object.assign(window, { memory });
      return made;
    };
    const streaming = WebAssembly.instantiateStreaming.bind(WebAssembly);
    WebAssembly.instantiateStreaming = (...given) => streaming(...given).then(keep);
  });
  const doors = await doorsOf(organization);
  const began = performance.now();
  await fill(doors, ROWS);
  console.log(`${ROWS} events taken in: ${((performance.now() - began) / 1_000).toFixed(0)} s`);

  await page.setViewportSize({ width: 1440, height: 900 });
  await openDashboard(page, '?range=7d');
  await watch(page);
  const foot = page.locator('.gridview .panel-foot');
  const loading = performance.now();
  const loaded = `Rows 1–${ROWS.toLocaleString('en')}`;
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    expect(await foot.textContent()).toContain(loaded);
  }).toPass({ intervals: [10], timeout: 600_000 });
  report(`${ROWS} rows loaded in ${((performance.now() - loading) / 1_000).toFixed(0)} s`, await noted(page));
  const heap = await page.evaluate(() => {
    const { memory } = window as unknown as { memory?: WebAssembly.Memory };
    const { usedJSHeapSize } = (performance as unknown as { memory: { usedJSHeapSize: number } }).memory;
    return [usedJSHeapSize, memory?.buffer.byteLength ?? 0].map((bytes) => Math.round(bytes / 1e6));
  });
  console.log(`memory: ${heap[0]} MB of JavaScript, ${heap[1]} MB of WebAssembly`);
  console.log(`rows in the document: ${await rows(page).count()}`);

  // Somebody scrolls up and down without a pause.
  await noted(page);
  const scrolling = page.evaluate(async (seconds) => {
    const end = performance.now() + seconds * 1_000;
    let way = -90;
    while (performance.now() < end) {
      await new Promise(requestAnimationFrame);
      window.scrollBy(0, way);
      if (window.scrollY < 3_000) way = 90;
      if (window.scrollY + innerHeight > document.body.scrollHeight - 3_000) way = -90;
    }
  }, SECONDS);
  const whileScrolling = await sendSteadily(doors, SECONDS);
  await scrolling;
  report(`scrolling, ${whileScrolling.toFixed(0)} events a second`, await noted(page));
  console.log(`it says: ${await page.locator('.news').textContent()}`);

  // Somebody jumps from place to place: rows that were missed are asked for where they come into view.
  await noted(page);
  const jumping = page.evaluate(async (seconds) => {
    const end = performance.now() + seconds * 1_000;
    for (let step = 1; performance.now() < end; step += 1) {
      window.scrollTo(0, ((step * 0.381966) % 1) * document.body.scrollHeight);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }, SECONDS);
  const whileJumping = await sendSteadily(doors, SECONDS);
  await jumping;
  report(`jumping, ${whileJumping.toFixed(0)} events a second`, await noted(page));

  // Back at the top, live.
  await page.locator('.news button').click();
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'live');
  await noted(page);
  const whileLive = await sendSteadily(doors, SECONDS);
  const live = await noted(page);
  report(`at the top, live, ${whileLive.toFixed(0)} events a second`, live);
  // What no push carried and a look at the store brought is among them.
  const milliseconds = [0.5, 0.9, 0.99].map((share) => at(share, live.rows).toFixed(0));
  console.log(`from the door to the screen: p50 ${milliseconds[0]} ms, p90 ${milliseconds[1]} ms, p99 ${milliseconds[2]} ms (${live.rows.length} rows)`);
  expect(live.rows.length).toBeGreaterThan(0);
});

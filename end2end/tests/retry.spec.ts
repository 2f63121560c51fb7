// Retry flows: batches by filter and by selection, a replay by another mapping or destination, the same once more, and
// actions that the server refuses.
import AxeBuilder from '@axe-core/playwright';
import type { Page, Request } from '@playwright/test';
import type { Organization, Receiver } from '../harness/organization.ts';
import { drawer, openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

/** A single attempt: what fails is a dead letter or failed at once. */
const ONCE = { backoff: 'fixed', initial_delay_ms: 100, max_delay_ms: 100, max_retries: 0, jitter: 0 };

const jobs = (page: Page) => page.locator('.page > .job');
const dialogOf = (page: Page) => page.getByRole('dialog');

async function failures(organization: Organization): Promise<number> {
  const selection = { type: 'filter', filter: { tab: 'errors' } };
  const preview = await organization.client.post('retry-jobs/preview', { selection });
  return (preview.groups as { count: number }[]).reduce((sum, group) => sum + group.count, 0);
}

async function sendMany(receiver: Receiver, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 25) {
    const some = Array.from({ length: Math.min(25, count - sent) }, (_, n) => receiver.send({ id: `order-${sent + n}` }));
    for (const answer of await Promise.all(some)) expect(answer.status).toBe(202);
  }
}

test('300 failures of two causes are retried by filter, while one looks elsewhere', async ({
  page,
  organization,
  destination,
}) => {
  test.slow();
  let broken = true;
  const target = await destination(({ body }) => {
    const { id } = JSON.parse(body) as { id: string };
    return { status: broken ? (Number(id.slice('order-'.length)) % 3 === 0 ? 503 : 422) : 200 };
  });
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: target.url, retry: ONCE } });
  await sendMany(shop, 300);
  await expect.poll(() => failures(organization)).toBe(300);
  await openDashboard(page, '?tab=errors');

  await page.getByRole('button', { name: 'Retry all matching…' }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('heading', { name: 'Retry 300 failed deliveries' })).toBeVisible();
  const groups = dialog.getByRole('group', { name: 'Stopped by' }).locator('.option');
  await expect(groups).toHaveCount(2);
  await expect(groups.first()).toContainText('The destination answered 422');
  await expect(groups.first().locator('.count')).toHaveText('200');
  await expect(groups.first()).toContainText('Fails the same way until');
  await expect(groups.last()).toContainText('The destination answered 503');
  await expect(groups.last().locator('.count')).toHaveText('100');
  await expect(dialog).toContainText('100 are dead letters');
  await screenshots(page, 'batch');

  // First the ones that may work again by themselves.
  await groups.first().getByRole('checkbox').uncheck();
  await expect(dialog.getByRole('button', { name: 'Retry 100' })).toBeVisible();
  await groups.first().getByRole('checkbox').check();
  await dialog.getByLabel('Speed').selectOption({ label: '10 per second, behind live traffic' });
  await dialog.getByLabel('Why').fill('The destination was repaired');
  broken = false;
  const made = page.waitForRequest('**/rpc/create_retry_job');
  await dialog.getByRole('button', { name: 'Retry 300' }).click();
  expect(((await made).postDataJSON() as { new: { reason: string } }).new.reason).toBe('The destination was repaired');
  await expect(dialog.getByRole('heading', { name: 'Retrying 300 failed deliveries' })).toBeVisible();
  await expect(dialog).toContainText('to go');
  await screenshots(page, 'batch-running');
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(jobs(page).locator('b')).toHaveText('300 deliveries retried', { timeout: 90_000 });
  await expect(page.getByText('No failed deliveries'), 'what was delivered leaves the errors').toBeVisible();

  // The batch belongs to the server: another page knows it as well.
  await page.reload();
  const job = jobs(page);
  await expect(job.locator('b')).toHaveText('300 deliveries retried');
  await expect(job).toContainText('300 done: 300 delivered.');
  await screenshots(page, 'batch-finished');
  expect(await failures(organization)).toBe(0);
  expect(target.received).toHaveLength(600);
  const seen = new Map<string, number>();
  for (const { headers } of target.received) {
    const id = headers['signalbox-delivery-id'] as string;
    seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  expect([...seen.values()].every((times) => times === 2), 'each was retried once').toBe(true);

  await job.getByRole('link', { name: 'Show rows' }).click();
  await expect(page).toHaveURL(/job=job_/);
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  await job.getByRole('button', { name: 'Dismiss' }).click();
  await expect(job).toHaveCount(0);
  const listed = page.waitForResponse('**/rpc/list_retry_jobs');
  await page.reload();
  expect((await listed).ok()).toBe(true);
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  await expect(job, 'what was dismissed stays away').toHaveCount(0);
});

test('a batch by selection says what it leaves out; it can be paused, resumed and stopped', async ({
  page,
  organization,
  destination,
}) => {
  let broken = true;
  const target = await destination(() => ({ status: broken ? 422 : 200 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: target.url, retry: ONCE } });
  await sendMany(shop, 6);
  await expect.poll(() => failures(organization)).toBe(6);
  broken = false;
  await shop.send({ id: 'fine' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(7);
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');

  await page.getByLabel('Select all rows shown').check();
  await page.getByRole('button', { name: /^Retry 6 of 7 selected/ }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('heading', { name: 'Retry 6 failed deliveries' })).toBeVisible();
  await expect(dialog).toContainText('Left out: 1 delivered already');
  await dialog.getByLabel('Speed').selectOption({ label: '1 per second, behind live traffic' });
  await dialog.getByRole('button', { name: 'Retry 6' }).click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.locator('.bulkbar')).toBeHidden();

  const job = jobs(page);
  await job.getByRole('button', { name: 'Pause' }).click();
  await expect(job.locator('b')).toHaveText('Retrying 6 failed deliveries, paused');
  await screenshots(page, 'batch-paused');
  await page.reload();
  await expect(job.locator('b'), 'it is still there').toHaveText('Retrying 6 failed deliveries, paused');
  const jobId = ((await organization.client.get('retry-jobs')).items as { id: string }[])[0]!.id;
  const paused = (await organization.client.get(`retry-jobs/${jobId}`)).job as { retried: number };
  await job.getByRole('button', { name: 'Resume' }).click();
  await expect(job.locator('b')).toHaveText('Retrying 6 failed deliveries');
  await expect
    .poll(async () => ((await organization.client.get(`retry-jobs/${jobId}`)).job as { retried: number }).retried)
    .toBeGreaterThan(paused.retried);
  await job.getByRole('button', { name: 'Stop' }).click();
  await expect(job.locator('b')).toHaveText(/^Stopped: \d of 6 deliveries retried$/);
  const stopped = (await organization.client.get(`retry-jobs/${jobId}`)).job as { retried: number; state: string };
  expect(stopped.state).toBe('canceled');
  await expect.poll(() => failures(organization)).toBe(6 - stopped.retried);
});

test('a replay takes the version and the destination that were chosen, byte for byte', async ({
  page,
  organization,
  destination,
}) => {
  const first = await destination(() => ({ status: 422 }));
  const second = await destination(() => ({ status: 200 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: first.url, retry: ONCE } });
  const by = (target: string) => ({ fields: [{ target, source: { type: 'path', expression: 'total' } }] });
  const { items } = (await organization.client.get('routes')) as { items: { id: string }[] };
  await organization.client.patch(`routes/${items[0]!.id}`, { mapping: by('sum') });
  await organization.client.patch(`routes/${items[0]!.id}`, { mapping: by('amount') });
  const other = await organization.client.post('connectors', { code: `${shop.code}-b`, name: 'Backup', base_url: second.url });
  const body = '{"id":"alpha","total":9007199254740993,"note":"ü 🚆","a":1.10}';
  await shop.send(body);
  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  await organization.client.post('routes', {
    receiver_id: shop.receiverId,
    name: 'To the backup',
    destination: { type: 'http', connector_id: other.id, method: 'POST', path: '/b' },
  });
  expect(first.received[0]!.body).toBe('{"amount":9007199254740993}');

  await rows(page).first().getByRole('button', { name: 'Retry' }).click();
  const modal = page.locator('dialog.retry-modal');
  await modal.getByLabel('Mapping').selectOption({ index: 2 });
  await expect(modal.getByLabel('Mapping').locator('option:checked')).toContainText('Version 2');
  await modal.getByRole('radio', { name: 'Request' }).locator('xpath=..').click();
  await expect(modal.locator('.editor-frame[data-view="request"]')).toContainText('"sum"');
  await screenshots(page, 'retry-modal-way');
  await modal.getByRole('button', { name: 'Replay' }).click();
  await expect(modal).toBeHidden();
  await expect.poll(() => first.received.length).toBe(2);
  expect(first.received[1]!.body).toBe('{"sum":9007199254740993}');

  // To the other destination, with an edit: what is typed is what arrives, the rest to the byte.
  await rows(page).last().getByRole('button', { name: 'Retry' }).click();
  await modal.getByLabel('Replay to').selectOption({ label: 'POST Backup /b (To the backup)' });
  await expect(modal.getByLabel('Replay to').locator('option:checked')).toContainText('Backup');
  const editor = modal.getByRole('textbox', { name: 'Edited payload' });
  await expect(editor).toContainText('9007199254740993');
  await editor.getByText('"alpha"').dblclick();
  await page.keyboard.type('beta');
  await expect(modal.getByText('Ready to replay')).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  await expect(modal).toBeHidden();
  await expect.poll(() => second.received.length).toBe(1);
  const arrived = second.received[0]!;
  expect(arrived.path).toBe('/b');
  expect(arrived.body).toBe(body.replace('alpha', 'beta'));
  expect(first.received).toHaveLength(2);
});

test('what was delivered is sent once more, unchanged, with its reason', async ({ page, organization, destination }) => {
  const target = await destination(() => ({ status: 200 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: target.url } });
  const body = '{ "id":"order-1", "n": 1.50E+2 }';
  await shop.send(body);
  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  await rows(page).first().getByRole('button', { name: 'Retry' }).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('heading', { name: 'Send order.created again?' })).toBeVisible();
  await dialog.getByLabel('Why').fill('They lost it');
  await screenshots(page, 'resend');
  const sent = page.waitForRequest((request: Request) => request.url().endsWith('/rpc/replay_delivery'));
  await dialog.getByRole('button', { name: 'Send again' }).click();
  expect(((await sent).postDataJSON() as { request: unknown }).request).toEqual({ reason: 'They lost it' });
  await expect(dialog).toBeHidden();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  expect(target.received.map((request) => request.body)).toEqual([body, body]);
});

test.describe('an action that does not succeed', () => {
  test.use({ expectedProblems: [/ERR_FAILED|status of 409/] });

  test('is shown at once and taken back with its reason', async ({ page, organization, destination }) => {
    let status = 422;
    const { url } = await destination(() => ({ status }));
    const shop = await organization.addReceiver({ name: 'Shop', destination: { url, retry: ONCE } });
    await shop.send({ id: 'order-1' });
    await openDashboard(page);
    const row = rows(page).first();
    await expect(row.locator('.status')).toHaveText('Failed');
    await row.click();

    // The answer is held back for as long as the test looks.
    let letGo = (_how: 'abort' | 'continue') => {};
    let held = new Promise<'abort' | 'continue'>((resolve) => (letGo = resolve));
    await page.route('**/rpc/retry_delivery', async (route) => {
      if ((await held) === 'abort') await route.abort();
      else await route.continue();
    });
    await drawer(page).getByRole('button', { name: 'Retry', exact: true }).click();
    await expect(row.locator('.status')).toContainText('Retrying');
    await expect(drawer(page).locator('.status').first()).toContainText('Retrying');
    letGo('abort');
    await expect(page.locator('.toast')).toContainText('order-1 was not retried');
    await expect(page.locator('.toast')).toContainText('The server did not answer');
    await expect(row.locator('.status')).toHaveText('Failed');

    // Somebody else was faster: the server says why, and the row is what it really is.
    held = new Promise((resolve) => (letGo = resolve));
    const id = await row.getAttribute('data-id');
    await drawer(page).getByRole('button', { name: 'Retry', exact: true }).click();
    await expect(row.locator('.status')).toContainText('Retrying');
    status = 200;
    await organization.client.post(`deliveries/${id}/retry`, {});
    await expect(row.locator('.status')).toHaveText('Delivered');
    letGo('continue');
    await expect(page.locator('.toast').last()).toContainText('A delivery that is delivered cannot be retried');
    await expect(row.locator('.status')).toHaveText('Delivered');
  });
});

test('a payload of 1 MiB opens, is edited and checked without freezing', async ({ page, organization, destination }, info) => {
  test.slow();
  const { url, received } = await destination(({ body }) => ({ status: body.includes('"fixed"') ? 200 : 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url, retry: ONCE } });
  // As long as a receiver takes it.
  const line = (n: number) => `  { "sku": "part-${n}", "price": 9007199254740993, "note": "${'x'.repeat(48)}" }`;
  const lines = Array.from({ length: 9_000 }, (_, n) => line(n)).join(',\n');
  const body = `{\n "id": "order-1",\n "state": "broken",\n "lines": [\n${lines}\n ]\n}`;
  expect(body.length).toBeGreaterThan(1_000_000);
  expect(body.length).toBeLessThanOrEqual(1024 * 1024);
  expect((await shop.send(body)).status).toBe(202);
  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ['longtask'] });
    Object.assign(window, { tasks });
  });
  const longest = () => page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks.splice(0)));
  await rows(page).first().getByRole('button', { name: 'Retry' }).click();
  const modal = page.locator('dialog.retry-modal');
  const editor = modal.getByRole('textbox', { name: 'Edited payload' });
  await expect(editor).toContainText('"broken"');
  await expect(modal.getByText('Nothing is changed')).toBeVisible();
  const opening = await longest();
  await editor.getByText('"broken"').dblclick();
  await page.keyboard.type('fixed');
  await expect(modal.getByText('Ready to replay')).toBeVisible();
  const typing = await longest();
  await modal.getByRole('radio', { name: 'Diff' }).locator('xpath=..').click();
  await expect(modal.locator('.diff')).toContainText('"fixed"');
  const diff = await longest();
  info.annotations.push({ type: 'longest task, ms', description: `open ${opening}, type ${typing}, diff ${diff}` });
  console.log(`1 MiB payload, longest task in ms: open ${opening}, type ${typing}, diff ${diff}`);
  await modal.getByRole('button', { name: 'Replay' }).click();
  await expect(modal).toBeHidden();
  await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  expect(received[1]!.body === body.replace('"broken"', '"fixed"'), 'only the edit differs').toBe(true);
  expect(Math.max(opening, typing, diff)).toBeLessThan(1_000);
});

test.describe('for assistive technology', () => {
  // Colours on their way from one theme to the other are nobody's: without motion they change at once.
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('the dialog and the batch have nothing to find, and the keyboard keeps its place', async ({
    page,
    organization,
    destination,
  }) => {
    test.slow();
    const violations = async () => {
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations: all } = await new AxeBuilder({ page }).analyze();
        found.push(...all.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`));
      }
      return found;
    };
    const { url } = await destination(() => ({ status: 422 }));
    const shop = await organization.addReceiver({ name: 'Shop', destination: { url, retry: ONCE } });
    await sendMany(shop, 4);
    await expect.poll(() => failures(organization)).toBe(4);
    await openDashboard(page, '?tab=errors');
    await expect(rows(page)).toHaveCount(4);
    const before = await violations();
    await page.getByRole('button', { name: 'Retry all matching…' }).focus();
    await page.keyboard.press('Enter');
    const dialog = dialogOf(page);
    await expect(dialog.getByRole('heading', { name: 'Retry 4 failed deliveries' })).toBeVisible();
    expect(await violations(), 'before the batch is made').toEqual(before);
    await dialog.getByLabel('Speed').selectOption({ label: '1 per second, behind live traffic' });
    await dialog.getByRole('button', { name: 'Retry 4' }).focus();
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('button', { name: 'Close', exact: true })).toBeFocused();
    expect(await violations(), 'while it runs').toEqual(before);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Retry all matching…' })).toBeFocused();
    const job = jobs(page);
    await expect(job.getByText('4 done: 4 failed again.')).toBeVisible({ timeout: 20_000 });
    expect(await violations(), 'the batch above the grid').toEqual(before);
  });
});

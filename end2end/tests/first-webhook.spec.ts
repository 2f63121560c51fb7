// What a newcomer does: sets up, connects GitHub, sees the first webhook arrive, then one that fails, and fixes it.
import { readFile } from 'node:fs/promises';
import { choose, chosen, copied, drawer as drawerOf, expectLive, openManage, rows as rowsOf } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { paste } from '../harness/shell.ts';
import { startSignalbox, type Signalbox } from '../harness/signalbox.ts';
import { expect, test as base } from '../harness/test.ts';

// A server of its own: nobody was here before the newcomer.
const test = base.extend<object, { signalbox: Signalbox }>({
  signalbox: [
    async ({}, use) => {
      const signalbox = await startSignalbox();
      await use(signalbox);
      await signalbox.stop();
    },
    { scope: 'worker' },
  ],
});

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const SECRET = 'It is a secret to everybody';

test('the first webhook, the first failure and its repair', async ({ page, signalbox, destination }) => {
  test.setTimeout(240_000);
  const crm = await destination(({ body }) =>
    (JSON.parse(body) as { issue: { state: string } }).issue.state === 'triage'
      ? { status: 201, body: { id: 'case-77' } }
      : { status: 422, body: { error: 'issue.state must be triage' } },
  );

  await test.step('1: the set-up link makes the first administrator and organization', async () => {
    await page.goto(signalbox.setupLink);
    await page.getByLabel('Your name').fill('Grace Hopper');
    await page.getByLabel('Email').fill('grace@example.com');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Organization').fill('Navy Yard');
    await expect(page.getByLabel('Short name')).toHaveValue('navy-yard');
    await screenshots(page, 'setup');
    await page.getByRole('button', { name: 'Create administrator and organization' }).click();
    await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
    await expect(page).toHaveURL(`${signalbox.url}/`);
    await expect(page.getByText('No events yet')).toBeVisible();
    await screenshots(page, 'dashboard-empty');
  });

  await test.step('the link works once', async () => {
    const stranger = await page.context().browser()!.newContext();
    const tab = await stranger.newPage();
    await tab.goto(signalbox.setupLink);
    await expect(tab.getByRole('link', { name: 'Go to sign-in' })).toBeVisible();
    await expect(tab.getByLabel('Your name')).toBeHidden();
    await stranger.close();
  });

  let body = '';
  let send = '';
  await test.step('2: Manage integrations connects GitHub and hands out a command', async () => {
    const sheet = await openManage(page);
    await sheet.getByRole('button', { name: 'Add connector' }).first().click();
    await choose(sheet, 'System', 'GitHub');
    await expect(sheet.getByLabel('Name', { exact: true }).first()).toHaveValue('GitHub');
    await expect(sheet.getByLabel('Code')).toHaveValue('github');
    await expect(chosen(sheet.getByLabel('Verification'))).toHaveText('GitHub');
    await sheet.getByLabel('Secret of the sender').fill(SECRET);
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();

    await sheet.getByRole('button', { name: 'Copy URL' }).click();
    expect(await copied(page)).toBe(`${signalbox.url}/api/v1/integration/webhooks/github/receive`);
    await choose(sheet, 'Send from', 'signalbox send');
    await sheet.getByRole('button', { name: 'Copy command' }).click();
    send = await copied(page);
    expect(send).toContain('signalbox send');
    expect(send, 'a command holds no secret').not.toContain(SECRET);
    body = /--body '(.*)'$/s.exec(send)![1]!;
    expect(JSON.parse(body)).toMatchObject({ issue: { state: 'open' } });
    await screenshots(page, 'connector-sheet');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  const rows = rowsOf(page);
  await test.step('3: the sample arrives in the grid and on the heatmap, without a reload', async () => {
    await expectLive(page);
    await expect(page.getByText('No traffic in this range')).toBeVisible();
    await page.evaluate(() => void Object.assign(window, { notReloaded: true }));

    const printed = await paste(send, { SECRET });
    expect(printed).toContain('202');
    await expect(rows).toHaveCount(1);
    await expect(rows.first().locator('.status')).toHaveText('Delivered');
    await expect(rows.first()).toContainText('issues');
    await expect(page.locator('.hitmap-cell[data-row][data-volume="5"]')).toHaveCount(1);
    await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText('1');
    await expect(page.locator('.stats')).toContainText('100');

    await paste(send, { SECRET });
    await expect(rows).toHaveCount(2);
    await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText('2');
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });

  await test.step('the row opens: attempts, payload byte for byte, verification, headers', async () => {
    await rows.first().click();
    const drawer = drawerOf(page);
    await expect(drawer.getByRole('heading', { name: 'issues' })).toBeVisible();
    await expect(drawer.locator('.timeline')).toContainText('Attempt 1');
    await expect(drawer.locator('.timeline')).toContainText('Received');
    await choose(drawer, 'Payload view', 'Text');
    expect(await drawer.getByLabel('Payload as text').textContent()).toBe(body);
    await drawer.getByRole('button', { name: 'Copy payload' }).click();
    expect(await copied(page)).toBe(body);
    const download = page.waitForEvent('download');
    await drawer.getByRole('button', { name: 'Download payload' }).click();
    expect(await readFile(await (await download).path(), 'utf8')).toBe(body);

    await expect(drawer.locator('.checks li').first()).toHaveAttribute('data-result', 'pass');
    await drawer.locator('summary').filter({ hasText: /^Headers/ }).click();
    const headers = drawer.locator('dl.headers');
    await expect(headers).toContainText('x-github-event');
    await expect(headers).toContainText('x-hub-signature-256');
    await screenshots(page, 'drawer-delivered');
    await page.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
  });

  await test.step('4: a route to a destination that answers 422', async () => {
    let sheet = await openManage(page);
    await sheet.getByRole('button', { name: 'Add connector' }).last().click();
    await sheet.getByLabel('Name', { exact: true }).first().fill('CRM');
    await sheet.getByLabel('Base URL').fill(crm.url);
    // It only receives from here.
    await sheet.locator('#manage-receivers').getByRole('button', { name: 'Remove', exact: true }).click();
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
    await page.keyboard.press('Escape');

    sheet = await openManage(page);
    await sheet.getByRole('button', { name: 'Manage GitHub' }).click();
    await sheet.getByRole('button', { name: 'Add route' }).click();
    await sheet.locator('#manage-routes').getByLabel('Name', { exact: true }).fill('Issues to the CRM');
    await choose(sheet, 'Deliver to', 'HTTP');
    await sheet.getByLabel('Connector', { exact: true }).selectOption('CRM');
    await sheet.getByLabel('Path').fill('/cases');
    await sheet.getByLabel('Record id in the answer').fill('/id');
    await sheet.getByRole('button', { name: /^Save/ }).click();
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
  });

  await test.step('the next event fails visibly, live', async () => {
    await expectLive(page);
    await page.evaluate(() => void Object.assign(window, { stillNotReloaded: true }));
    await paste(send, { SECRET });
    await expect(rows).toHaveCount(3);
    await expect(rows.first().locator('.status')).toHaveText('Failed');
    await expect(rows.first()).toContainText('422');
    await expect(page.locator('.hitmap-cell[data-row]:not([data-fail="0"])')).toHaveCount(1);
    await expect(page.getByRole('tab', { name: 'Errors' })).toContainText('1');
    expect(await page.evaluate(() => 'stillNotReloaded' in window)).toBe(true);
    await screenshots(page, 'dashboard-failed');
  });

  await test.step('Retry opens ApiRetryModal; the corrected JSON is replayed and delivered', async () => {
    await rows.first().getByRole('button', { name: 'Retry' }).click();
    const modal = page.locator('dialog.retry-modal');
    await expect(modal.getByRole('heading', { name: 'Edit and replay issues' })).toBeVisible();
    const editor = modal.getByRole('textbox', { name: 'Edited payload' });
    await expect(editor).toContainText('"state": "open"');
    await editor.click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type(',');
    await expect(modal.getByRole('button', { name: 'Replay' })).toHaveAttribute('aria-disabled', 'true');
    await expect(modal.locator('.dialog-foot')).toContainText('Fix the JSON in line');
    await screenshots(page, 'retry-modal-invalid');
    await page.keyboard.press('Backspace');
    await editor.getByText('"open"').dblclick();
    await page.keyboard.type('triage');
    await expect(editor).toContainText('"state": "triage"');
    await expect(modal.getByText('Ready to replay')).toBeVisible();
    await choose(modal, 'Payload view', 'Diff');
    await expect(modal.locator('.diff')).toContainText('"triage"');
    await expect(modal.getByRole('radio', { name: /^Edited/ }).locator('xpath=..')).toContainText('1');
    await screenshots(page, 'retry-modal-diff');
    await modal.getByLabel('Why').fill('The state was wrong');
    await modal.getByRole('button', { name: 'Replay' }).click();
    await expect(modal).toBeHidden();

    await expect(rows).toHaveCount(4);
    await expect(rows.first().locator('.status')).toHaveText('Delivered');
    await expect(rows.first()).toContainText('201');
    await expect(rows.first()).toContainText('case-77');
    expect(crm.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /cases', 'POST /cases']);
    expect(crm.received[0]!.body, 'without a mapping the bytes are passed on').toBe(body);
    expect(JSON.parse(crm.received[1]!.body)).toEqual(JSON.parse(body.replace('"state":"open"', '"state":"triage"')));
  });

  await test.step('the lineage leads from the replay to the original, which stays as received', async () => {
    await rows.first().click();
    const drawer = drawerOf(page);
    await expect(drawer.getByText('Edited replay by Grace Hopper')).toBeVisible();
    const lineage = drawer.locator('.rel').first();
    await expect(lineage).toContainText('Original');
    await expect(lineage).toContainText('Replayed, edited by Grace Hopper');
    await screenshots(page, 'drawer-replayed');
    await lineage.getByRole('button', { name: 'Original' }).click();
    await expect(drawer.locator('.drawer-head .status')).toHaveText('Failed');
    await choose(drawer, 'Payload view', 'Text');
    await expect(drawer.getByLabel('Payload as text')).toHaveText(body);
  });
});

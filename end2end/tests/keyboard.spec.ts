// The way of a newcomer from the set-up link to a repaired failure, with the keyboard alone.
import { copied, drawer, expectLive, rows } from '../harness/pages.ts';
import { pick, press, select, tabTo, type } from '../harness/keyboard.ts';
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

test('set-up, connector, sample, failure, repair: without a mouse', async ({ page, signalbox, destination }) => {
  test.setTimeout(300_000);
  const crm = await destination(({ body }) =>
    (JSON.parse(body) as { issue: { state: string } }).issue.state === 'triage'
      ? { status: 201, body: { id: 'case-77' } }
      : { status: 422, body: { error: 'issue.state must be triage' } },
  );
  // A mouse that is moved or pressed would be noticed.
  await page.addInitScript(() => {
    for (const name of ['pointerdown', 'pointermove', 'mousedown', 'wheel', 'touchstart']) {
      addEventListener(name, () => console.error(`the mouse was used: ${name}`), { capture: true });
    }
  });

  await test.step('1: set-up', async () => {
    await page.goto(signalbox.setupLink);
    await type(page, page.getByLabel('Your name'), 'Grace Hopper');
    await type(page, page.getByLabel('Email'), 'grace@example.com');
    await type(page, page.getByLabel('Password'), 'correct horse battery');
    await type(page, page.getByLabel('Organization'), 'Navy Yard');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
    await expect(page.getByText('No events yet')).toBeVisible();
  });

  const sheet = page.getByRole('dialog');
  const openManage = async () => {
    await press(page, page.locator('.page-actions').getByRole('button', { name: 'Manage integrations' }));
    await expect(sheet.getByRole('heading', { name: 'Manage integrations' })).toBeVisible();
  };
  let send = '';
  await test.step('2: a connector with a receiver', async () => {
    await openManage();
    await press(page, sheet.getByRole('button', { name: 'Add connector' }).first());
    await pick(page, sheet.getByRole('group', { name: 'System', exact: true }).last(), 'GitHub');
    await expect(sheet.getByLabel('Code')).toHaveValue('github');
    await type(page, sheet.getByLabel('Secret of the sender'), SECRET);
    await press(page, sheet.getByRole('button', { name: 'Create connector' }));
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
  });

  await test.step('3: a signed sample, and its row', async () => {
    await pick(page, sheet.getByRole('group', { name: 'Send from', exact: true }).last(), 'signalbox send');
    await press(page, sheet.getByRole('button', { name: 'Copy command' }));
    send = await copied(page);
    expect(send).toContain('signalbox send');
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expectLive(page);
    await paste(send, { SECRET });
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(drawer(page).getByRole('heading', { level: 2 })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toBeHidden();
  });

  await test.step('4: a route that answers 422', async () => {
    await openManage();
    await press(page, sheet.getByRole('button', { name: 'Add connector' }).last());
    await type(page, sheet.getByLabel('Name', { exact: true }).first(), 'CRM');
    await type(page, sheet.getByLabel('Base URL'), crm.url);
    await press(page, sheet.locator('#manage-receivers').getByRole('button', { name: 'Remove', exact: true }));
    await press(page, sheet.getByRole('button', { name: 'Create connector' }));
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();

    await openManage();
    await press(page, sheet.getByRole('button', { name: 'Manage GitHub' }));
    await press(page, sheet.getByRole('button', { name: 'Add route' }));
    await type(page, sheet.locator('#manage-routes').getByLabel('Name', { exact: true }), 'Issues to the CRM');
    await pick(page, sheet.getByRole('group', { name: 'Deliver to', exact: true }).last(), 'HTTP');
    await select(page, sheet.getByLabel('Connector', { exact: true }), 'CRM');
    await type(page, sheet.getByLabel('Path'), '/cases');
    await type(page, sheet.getByLabel('Record id in the answer'), '/id');
    await press(page, sheet.getByRole('button', { name: /^Save/ }));
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expectLive(page);
    await paste(send, { SECRET });
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  });

  await test.step('the failure is opened, corrected and replayed', async () => {
    const failed = (await rows(page).first().getAttribute('data-id'))!;
    for (let pressed = 0; pressed < 3; pressed += 1) await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await expect(drawer(page).locator('.drawer-head .status')).toHaveText('Failed');
    await expect(page).toHaveURL(new RegExp(failed));
    await page.keyboard.press('e');
    const modal = page.locator('dialog.retry-modal');
    const editor = modal.getByRole('textbox', { name: 'Edited payload' });
    await expect(editor).toContainText('"state": "open"');
    await tabTo(page, editor);
    await page.keyboard.press('ControlOrMeta+F');
    await page.keyboard.type('"open"');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect(modal).toBeVisible();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('"triage"');
    await expect(editor).toContainText('"state": "triage"');
    await expect(modal.getByText('Ready to replay')).toBeVisible();
    // Tab leaves the editor: nobody is caught in it.
    await press(page, modal.getByRole('button', { name: 'Replay', exact: true }));
    await expect(modal).toBeHidden();
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
    expect(crm.received).toHaveLength(2);
  });

  await test.step('the lineage leads to the original and back', async () => {
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toBeHidden();
    for (let pressed = 0; pressed < 3; pressed += 1) await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await expect(drawer(page).getByText('Edited replay by Grace Hopper')).toBeVisible();
    await press(page, drawer(page).locator('.rel').getByRole('button', { name: 'Original' }));
    await expect(drawer(page).locator('.drawer-head .status')).toHaveText('Failed');
    await press(page, drawer(page).locator('.rel').getByRole('button', { name: /^Replayed, edited/ }));
    await expect(drawer(page).locator('.drawer-head .status')).toHaveText('Delivered');
    await page.keyboard.press('Escape');
    await expect(drawer(page)).toBeHidden();
    const focused = await page.evaluate(() => document.activeElement?.closest('tr')?.getAttribute('data-id'));
    expect(focused).toBe(await rows(page).first().getAttribute('data-id'));
  });
});

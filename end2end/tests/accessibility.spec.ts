// What people need who do not see, see little, use no mouse, or dislike motion: on every screen and in every dialog.
import type { Locator, Page } from '@playwright/test';
import { audit, sideways } from '../harness/audit.ts';
import { choose, drawer, openDashboard, openManage, rows } from '../harness/pages.ts';
import type { Organization, Receiver } from '../harness/organization.ts';
import { startSignalbox } from '../harness/signalbox.ts';
import { expect, test } from '../harness/test.ts';

// Colours on their way from one theme to the other are nobody's: without motion they change at once.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Looks at the page, and says which screen it was. */
async function look(page: Page, screen: string): Promise<void> {
  await test.step(screen, async () => expect(await audit(page), screen).toEqual([]));
}

const openFolds = async (within: Locator): Promise<void> => {
  const folded = within.locator('details:not([open]) > summary');
  for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
  await expect(folded).toHaveCount(0);
};

/** One delivered, two failed by a mapping route, one refused. */
async function fill(organization: Organization, url: string): Promise<{ shop: Receiver; crm: Receiver }> {
  const mapping = { fields: [{ target: 'contact.number', source: { type: 'path', expression: 'id' }, required: true }] };
  const shop = await organization.addReceiver({ name: 'Shop' });
  const crm = await organization.addReceiver({ name: 'Contacts', destination: { url, mapping } });
  await shop.send({ id: 'order-1', total: '49.00', lines: [{ sku: 'A', qty: 1 }] });
  await crm.send({ id: 'contact-1', name: 'Ada' }, { eventType: 'contact.created' });
  await crm.send({ id: 'contact-2', name: 'Grace' }, { eventType: 'contact.created' });
  await shop.send({ id: 'order-2' }, { secret: 'another-one' });
  return { shop, crm };
}

test.describe('before somebody is signed in', () => {
  test.use({ expectedProblems: [/status of (401|404)/] });

  test('sign-in', async ({ page, root }) => {
    test.slow();
    expect(root.email).toBeTruthy();
    await page.goto('/login');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await look(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).not.toBeEmpty();
    await look(page, 'sign-in, refused');
  });

  test('set-up', async ({ page }) => {
    test.slow();
    const fresh = await startSignalbox();
    await page.goto(fresh.setupLink);
    await page.getByRole('button', { name: 'Create administrator and organization' }).click();
    await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true');
    await look(page, 'set-up');
    await page.goto(`${fresh.url}/setup?token=wrong`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await look(page, 'set-up with a link that is used up');
    await fresh.stop();
  });
});

test('not found', async ({ page, organization: _signedIn }) => {
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look(page, 'not found');
});

// Each look takes seconds, and there are many: a test for each part.
test('dashboard: tabs, menus, drawers', async ({ page, organization, destination }) => {
  test.setTimeout(600_000);
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  await openDashboard(page);
  await expect(page.getByText('No events yet')).toBeVisible();
  await look(page, 'empty dashboard');
  await fill(organization, url);
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).filter({ hasText: 'contact-1' }).locator('.status')).toHaveText('Failed');
  await look(page, 'dashboard, API');

  await page.keyboard.press('2');
  await expect(page.getByRole('tab', { name: 'Webhook' })).toHaveAttribute('aria-selected', 'true');
  await look(page, 'dashboard, Webhook');
  await page.keyboard.press('3');
  await expect(rows(page)).toHaveCount(2);
  await look(page, 'dashboard, Errors');

  await page.locator('.filterbar summary').filter({ hasText: 'Add filter' }).click();
  await expect(page.locator('#filter-status')).toBeVisible();
  await look(page, 'filter menu');
  await page.keyboard.press('Escape');
  await page.locator('#range > summary').click();
  await page.getByLabel('From').fill('');
  await page.getByRole('button', { name: 'Apply range' }).click();
  await look(page, 'range picker with an error');
  await page.keyboard.press('Escape');

  await page.getByLabel(/^Alerts: /).click();
  await expect(page.locator('.alerts')).toBeVisible();
  await look(page, 'alerts');
  await page.keyboard.press('Escape');
  const palette = page.getByRole('dialog', { name: 'Search and commands' });
  await page.keyboard.press('ControlOrMeta+K');
  await expect(palette).toBeVisible();
  await look(page, 'palette');
  await page.keyboard.type('contact-1');
  await expect(palette.getByRole('option').filter({ hasText: 'contact-1' }).first()).toBeVisible();
  await look(page, 'palette with what was found');
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await look(page, 'keys');
  await page.keyboard.press('Escape');
  for (const [menu, summary] of [
    ['columns', page.locator('.gridview-tabs summary', { hasText: 'Columns' })],
    ['theme and times', page.locator('summary[title="Theme and times"]')],
    ['person', page.locator('.topbar summary').last()],
    ['organizations', page.locator('.org-switch summary')],
  ] as const) {
    await summary.click();
    await look(page, `menu: ${menu}`);
    await page.keyboard.press('Escape');
  }

  await page.getByLabel('Select all rows shown').check();
  await expect(page.locator('.bulkbar')).toBeVisible();
  await look(page, 'selected rows');
  await page.keyboard.press('Escape');

  await page.goto('/');
  await rows(page).filter({ hasText: 'contact-1' }).click();
  await expect(drawer(page).locator('.attempt')).toHaveCount(2);
  await expect(drawer(page).getByRole('tree')).toBeVisible();
  await openFolds(drawer(page));
  await drawer(page).getByRole('searchbox').fill('ada');
  await expect(drawer(page).locator('mark[data-current]')).toBeVisible();
  await look(page, 'drawer');
  await choose(drawer(page), 'Payload view', 'Text');
  await look(page, 'drawer, payload as text');

  await page.goto('/?tab=errors&errors=rejections');
  await page.locator('table.grid[data-kind="errors"] tbody tr').click();
  await expect(drawer(page).getByRole('tree')).toBeVisible();
  await look(page, 'refused request');
});

test('retry dialogs', async ({ page, organization, destination }) => {
  test.setTimeout(600_000);
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  await fill(organization, url);
  await openDashboard(page);
  await expect(rows(page).filter({ hasText: 'contact-1' }).locator('.status')).toHaveText('Failed');

  await rows(page).filter({ hasText: 'contact-1' }).getByRole('button', { name: 'Retry' }).click();
  const modal = page.locator('dialog.retry-modal');
  const editor = modal.getByRole('textbox', { name: 'Edited payload' });
  await expect(editor).toBeVisible();
  await look(page, 'ApiRetryModal');
  for (const view of ['Original', 'Request', 'Diff']) {
    await choose(modal, 'Payload view', view);
    await look(page, `ApiRetryModal, ${view}`);
  }
  await choose(modal, 'Payload view', 'Edited');
  await editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(',');
  await expect(modal.locator('.dialog-foot')).toContainText('Fix the JSON in line');
  await look(page, 'ApiRetryModal, not JSON');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Escape');
  await expect(modal).toBeHidden();

  await rows(page).filter({ hasText: 'order-1' }).getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'IntegrationResendModal');
  await page.keyboard.press('Escape');

  await page.keyboard.press('3');
  await expect(rows(page)).toHaveCount(2);
  await page.getByLabel('Select all rows shown').check();
  await page.getByRole('button', { name: 'Retry 2 selected' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look(page, 'ActionCategoryModal');
});

test.describe('a session that ends', () => {
  test.use({ expectedProblems: [/status of 401/] });

  test('sign in again', async ({ page, context, organization }) => {
    test.setTimeout(300_000);
    const shop = await organization.addReceiver({ name: 'Shop' });
    await shop.send({ id: 'order-1' });
    await openDashboard(page);
    await context.clearCookies();
    await rows(page).first().click();
    await expect(page.getByRole('dialog', { name: 'Sign in again' })).toBeVisible();
    await look(page, 'sign in again');
  });
});

test.describe('without a network', () => {
  test.use({ expectedProblems: [/WebSocket connection|ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|NETWORK)/] });

  test('offline banner', async ({ page, context, organization: _signedIn }) => {
    test.setTimeout(300_000);
    await openDashboard(page);
    await context.setOffline(true);
    await expect(page.locator('.live')).toHaveAttribute('data-live', 'offline');
    await look(page, 'offline');
    await context.setOffline(false);
  });
});

test('integrations', async ({ page, organization, destination }) => {
  test.setTimeout(600_000);
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  await page.goto('/integrations');
  await expect(page.getByText('No connectors yet')).toBeVisible();
  await look(page, 'no connectors');
  const { crm } = await fill(organization, url);
  await page.goto('/integrations');
  await expect(page.getByRole('button', { name: 'Manage Shop', exact: true })).toBeVisible();
  await look(page, 'integrations');

  await openDashboard(page);
  const list = await openManage(page);
  await expect(list.getByRole('button', { name: 'Manage Shop', exact: true })).toBeVisible();
  await look(page, 'Manage integrations, list');
  await list.getByRole('button', { name: 'Add connector' }).last().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create connector' }).click();
  await expect(page.getByRole('dialog').getByText(/^Fix \d+ fields? to save$/)).toBeVisible();
  await look(page, 'new connector with errors');

  await page.goto(`/integrations?connector=${crm.connectorId}`);
  const sheet = page.locator('dialog.sheet').last();
  await expect(sheet.getByRole('heading', { name: 'Manage Contacts' })).toBeVisible();
  await sheet.getByRole('button', { name: 'Add field' }).first().click();
  await openFolds(sheet);
  for (const part of await sheet.locator('.sheet-nav .menu-item').all()) {
    await part.click();
    await look(page, `connector, ${await part.textContent()}`);
  }
  await sheet.getByRole('button', { name: 'Delete connector' }).click();
  await expect(page.locator('#confirm-word')).toBeVisible();
  await look(page, 'Delete connector?');
});

test('settings', async ({ page, organization: _signedIn }) => {
  test.setTimeout(600_000);
  await page.goto('/settings');
  await expect(page.getByRole('region', { name: 'People' }).getByRole('row').nth(1)).toBeVisible();
  await look(page, 'settings');
  await page.getByRole('button', { name: 'Add person' }).click();
  await page.getByRole('button', { name: 'Make API key' }).click();
  await look(page, 'settings, open forms');
});

test('at 200 % everything is there, and only tables and code are scrolled sideways', async ({ page, organization, destination }) => {
  test.slow();
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  const { crm } = await fill(organization, url);
  // What a window of 1280 by 900 shows at 200 %.
  const context = await page.context().browser()!.newContext({
    viewport: { width: 640, height: 450 },
    deviceScaleFactor: 2,
    storageState: await page.context().storageState(),
    baseURL: organization.origin,
  });
  const zoomed = await context.newPage();
  const fits = async (screen: string) => expect(await sideways(zoomed), screen).toEqual([]);
  await openDashboard(zoomed);
  await expect(rows(zoomed)).toHaveCount(3);
  await fits('dashboard');
  for (const name of ['API', 'Webhook', 'Errors']) await expect(zoomed.getByRole('tab', { name })).toBeVisible();
  await expect(zoomed.locator('.stats')).toContainText('Success');
  const failed = rows(zoomed).filter({ hasText: 'contact-1' });
  await failed.scrollIntoViewIfNeeded();
  await failed.click();
  await expect(drawer(zoomed).getByRole('tree')).toBeVisible();
  await openFolds(drawer(zoomed));
  await fits('drawer');
  for (const name of ['Edit and replay', 'Copy payload', 'Close (Esc)']) {
    const button = drawer(zoomed).getByRole('button', { name });
    await button.scrollIntoViewIfNeeded();
    await expect(button).toBeInViewport({ ratio: 1 });
  }
  await drawer(zoomed).getByRole('button', { name: 'Edit and replay' }).click();
  const modal = zoomed.locator('dialog.retry-modal');
  await expect(modal.getByRole('textbox', { name: 'Edited payload' })).toBeVisible();
  await fits('ApiRetryModal');
  for (const name of ['Replay', 'Dry run', 'Cancel']) {
    await expect(modal.getByRole('button', { name, exact: true })).toBeInViewport({ ratio: 1 });
  }
  await zoomed.goto(`/integrations?connector=${crm.connectorId}`);
  await expect(zoomed.getByRole('heading', { name: 'Manage Contacts' })).toBeVisible();
  await fits('connector sheet');
  await expect(zoomed.getByRole('dialog').getByRole('button', { name: /^(Save|Close)$/ }).last()).toBeInViewport({ ratio: 1 });
  await zoomed.goto('/settings');
  await expect(zoomed.getByRole('region', { name: 'People' }).getByRole('row').nth(1)).toBeVisible();
  await fits('settings');
  await zoomed.goto('/nowhere');
  await fits('not found');
  await context.close();
});

test('live regions do not chatter while events pour in', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-0' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);
  await page.evaluate(() => {
    const said: string[] = [];
    const region = '[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"], output';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest(region);
        if (live) said.push(live.textContent ?? '');
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { said });
  });
  const burst = 60;
  for (let at = 1; at <= burst; at += 1) await shop.send({ id: `order-${at}` });
  await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText(String(burst + 1));
  await expect(rows(page).filter({ hasText: `order-${burst}` })).toBeVisible();
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  expect(said.length, said.join(' | ')).toBeLessThanOrEqual(3);
});

test.describe('motion', () => {
  /** Every animation and transition that would take time. */
  const moving = (page: Page): Promise<string[]> =>
    page.evaluate(() => {
      const seconds = (value: string) => value.split(',').map((part) => parseFloat(part) * (part.includes('ms') ? 0.001 : 1));
      const slow = (value: string) => seconds(value).some((time) => time > 0.011);
      return [...document.querySelectorAll('*')].flatMap((element) => {
        const moves = [null, '::before', '::after', '::backdrop'].some((part) => {
          const style = getComputedStyle(element, part);
          return (style.animationName !== 'none' && slow(style.animationDuration)) || slow(style.transitionDuration);
        });
        return moves ? [`${element.tagName}.${element.getAttribute('class')}`] : [];
      });
    });

  test('none for those who do not want it', async ({ page, organization, destination }) => {
    const { url } = await destination(() => ({ status: 422 }));
    await fill(organization, url);
    await openDashboard(page);
    await rows(page).first().click();
    await expect(drawer(page)).toBeVisible();
    expect(await moving(page)).toEqual([]);
    await drawer(page).getByRole('button', { name: /Retry|Send again/ }).click();
    expect(await moving(page)).toEqual([]);
  });

  test.describe('for the others', () => {
    test.use({ contextOptions: { reducedMotion: 'no-preference' } });
    test('there is some: the check above can fail', async ({ page, organization: _signedIn }) => {
      await openDashboard(page);
      expect(await moving(page)).not.toEqual([]);
    });
  });
});

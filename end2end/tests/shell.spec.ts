// What is around every page: preferences, theme, times, the connection, the session, keys.
import type { Page } from '@playwright/test';
import { choose, drawer, expectLive, openDashboard, rows } from '../harness/pages.ts';
import { setUp, signInAs, unique, type Organization } from '../harness/organization.ts';
import { screenshots } from '../harness/screenshots.ts';
import { startSignalbox } from '../harness/signalbox.ts';
import { expect, test } from '../harness/test.ts';

/** The menu in the topbar that holds theme and times; open. */
async function display(page: Page) {
  const menu = page.locator('#display');
  if ((await menu.getAttribute('open')) === null) await menu.locator('summary').click();
  return menu;
}

/** Waits for the save that follows what `change` does. */
async function saved(page: Page, change: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse('**/rpc/save_preferences');
  await change();
  expect((await answer).ok()).toBe(true);
}

/** What a clock in that zone shows. */
function clockIn(timeZone: string, at: string): string {
  const options = { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(at));
}

/** Ends the administrator's session as another browser would. */
async function endSession(organization: Organization): Promise<void> {
  const { cookie } = organization.admin;
  const headers = { cookie, origin: organization.origin, 'content-type': 'application/json' };
  const answer = await fetch(`${organization.origin}/rpc/logout`, { method: 'POST', headers, body: '{}' });
  expect(answer.status).toBe(200);
}

test('the theme is the system\'s until one is chosen, and follows the person into another browser', async ({
  page,
  organization,
  browser,
}) => {
  const root = page.locator('html');
  await page.emulateMedia({ colorScheme: 'light' });
  await openDashboard(page);
  const canvas = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await canvas();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(canvas, 'it follows the system').not.toBe(light);
  const dark = await canvas();
  await expect(root).not.toHaveAttribute('data-theme');

  await saved(page, async () => choose(await display(page), 'Theme', 'Light'));
  await expect(root).toHaveAttribute('data-theme', 'light');
  await expect.poll(canvas).toBe(light);

  const other = await browser.newContext({ baseURL: organization.origin, colorScheme: 'dark' });
  await signInAs(other, organization.origin, organization.admin);
  const tab = await other.newPage();
  await openDashboard(tab);
  await expect(tab.locator('html')).toHaveAttribute('data-theme', 'light');
  // From now on it is known before the first paint.
  await tab.route('**/frontend_bg.wasm', (route) => route.abort());
  await tab.goto('/', { waitUntil: 'commit' });
  await expect(tab.locator('html')).toHaveAttribute('data-theme', 'light');
  await other.close();

  await saved(page, async () => choose(await display(page), 'Theme', 'System'));
  await expect(root).not.toHaveAttribute('data-theme');
  await expect.poll(canvas).toBe(dark);
});

test.describe('when preferences cannot be saved', () => {
  test.use({ expectedProblems: [/ERR_FAILED|status of 500/] });

  test('the change is taken back, and said', async ({ page, organization: _signedIn }) => {
    await openDashboard(page);
    await page.route('**/rpc/save_preferences', (route) => route.abort());
    await choose(await display(page), 'Theme', 'Dark');
    await expect(page.locator('.toast')).toContainText('Your preferences were not saved');
    await expect(page.locator('html')).not.toHaveAttribute('data-theme');
    await expect((await display(page)).getByRole('radio', { name: 'System' })).toBeChecked();
    await page.unroute('**/rpc/save_preferences');
    await saved(page, async () => choose(await display(page), 'Theme', 'Dark'));
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  });
});

for (const timezoneId of ['Asia/Kolkata', 'America/St_Johns']) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ timezoneId });

    test('times are the reader\'s, UTC is on hover and a choice', async ({ page, organization }) => {
      const shop = await organization.addReceiver({ name: 'Shop' });
      await shop.send({ id: 'order-1' });
      await openDashboard(page);
      const time = rows(page).first().locator('[data-col="time"]');
      await expect(time).toHaveAttribute('title', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/);
      const utc = (await time.getAttribute('title'))!;
      const at = utc.replace(' UTC', 'Z').replace(' ', 'T');
      await expect(time).toContainText(clockIn(timezoneId, at));
      // Browsers may still say Calcutta.
      const zone = timezoneId === 'Asia/Kolkata' ? /Asia\/(Kolkata|Calcutta)/ : timezoneId;
      const note = page.locator('.sidebar-foot').getByRole('button', { name: zone });
      await expect(note).toBeVisible();

      // What is entered is read in the same zone.
      await page.locator('.page-actions').getByRole('radio', { name: 'Custom' }).locator('xpath=..').click();
      const range = page.locator('#range form');
      await expect(range).toContainText(zone);
      await range.getByLabel('From').fill('2026-01-15T10:00');
      await range.getByLabel('To', { exact: true }).fill('2026-01-15T12:00');
      await range.getByRole('button', { name: 'Apply range' }).click();
      const from = timezoneId === 'Asia/Kolkata' ? '2026-01-15T04:30:00Z' : '2026-01-15T13:30:00Z';
      await expect(page).toHaveURL((url) => url.searchParams.get('from') === from);
      await expect(page.locator('#range summary')).toContainText('15 Jan 10:00 – 15 Jan 12:00');
      await openDashboard(page);

      await note.click();
      await expect(page.locator('#display summary')).toBeFocused();
      const local = page.locator('#display').getByRole('radio', { name: 'Local' });
      await expect(local).toBeVisible();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await expect(local).toBeFocused();
      await saved(page, () => page.keyboard.press('ArrowRight'));
      await expect(time).toContainText(utc.slice(11, 19));
      await expect(page.locator('.sidebar-foot').getByRole('button', { name: 'All times UTC' })).toBeVisible();
      await page.reload();
      await expect(time).toContainText(utc.slice(11, 19));
      await expect(time).toHaveAttribute('title', utc);
    });
  });
}

test.describe('when the server is away', () => {
  test.use({ expectedProblems: [/WebSocket connection|ERR_(CONNECTION_REFUSED|EMPTY_RESPONSE|CONNECTION_RESET)/] });

  test('the wait is counted down, the banner says what still works, and a click tries at once', async ({
    page,
    organization: _signedIn,
    signalbox,
  }) => {
    await openDashboard(page);
    const live = page.locator('.live');
    // A countdown lasts seconds; an observer sees it for certain, and hears what a screen reader would.
    await page.evaluate(() => {
      const seen: string[] = [];
      const heard: string[] = [];
      const label = document.querySelector('.live-label')!;
      const region = document.querySelector('.live + [role=status]')!;
      const watch = (element: Element, notes: string[]) =>
        new MutationObserver(() => notes.push(element.textContent!)).observe(element, {
          characterData: true,
          childList: true,
          subtree: true,
        });
      watch(label, seen);
      watch(region, heard);
      Object.assign(window, { seen, heard });
    });
    const notes = (name: 'seen' | 'heard') =>
      page.evaluate((name) => (window as unknown as Record<string, string[]>)[name]!, name);

    await signalbox.halt();
    await expect(live).toHaveAttribute('data-live', 'offline', { timeout: 40_000 });
    expect((await notes('seen')).filter((words) => /^Reconnecting in \d+ s$/.test(words))).not.toEqual([]);
    expect(await notes('heard'), 'each state once').toEqual(['Reconnecting', 'Offline']);
    const banner = page.locator('.banner').filter({ hasText: 'Signalbox does not answer' });
    await expect(banner).toContainText(/Since \d\d:\d\d:\d\d/);
    await expect(banner).toContainText('what you typed and chose stays');
    await expect(banner).toContainText(/Next try in \d+ s|Trying/);
    await screenshots(page, 'shell-offline');

    await signalbox.start();
    await expect(async () => {
      await banner.getByRole('button', { name: 'Try now' }).click({ timeout: 1_000 });
      await expect(live).toHaveAttribute('data-live', 'live', { timeout: 1_000 });
    }).toPass();
    await expect(banner).toBeHidden();
  });
});

test.describe('when the device has no network', () => {
  test.use({ expectedProblems: [/WebSocket connection|ERR_INTERNET_DISCONNECTED/] });

  test('it is said at once', async ({ page, context, organization: _signedIn }) => {
    await openDashboard(page);
    await context.setOffline(true);
    const banner = page.locator('.banner').filter({ hasText: 'This device is offline' });
    await expect(banner).toBeVisible();
    await context.setOffline(false);
    await expectLive(page);
    await expect(banner).toBeHidden();
  });
});

test.describe('when the session ends', () => {
  test.use({ expectedProblems: [/status of 401/] });

  test('a payload that is being edited stays, and is replayed after signing in again', async ({
    page,
    organization,
    destination,
  }) => {
    let healed = false;
    const { url } = await destination(() => ({ status: healed ? 200 : 422 }));
    const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
    await shop.send({ id: 'order-1', total: 1 });
    await openDashboard(page);
    await rows(page).first().click();
    await drawer(page).getByRole('button', { name: 'Edit and replay' }).click();
    const modal = page.locator('dialog.retry-modal');
    const editor = modal.getByRole('textbox', { name: 'Edited payload' });
    await expect(editor).toContainText('order-1');
    // A double click selects a word.
    await editor.getByText('"order-1"').dblclick();
    await page.keyboard.type('parcel');
    await expect(editor).toContainText('parcel-1');

    await endSession(organization);
    // The server ends the connection, and with that the page knows.
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await expect(again).toBeVisible();
    await expect(again.getByLabel('Email')).toHaveValue(organization.admin.email);
    await expect(again.getByLabel('Password')).toBeFocused();
    await screenshots(page, 'shell-sign-in-again');
    await page.keyboard.press('Escape');
    await expect(again, 'Esc would throw away what was typed').toBeVisible();
    await again.getByLabel('Password').fill('not the password');
    await page.keyboard.press('Enter');
    await expect(again.getByRole('alert')).not.toBeEmpty();
    await expect(again.getByLabel('Password')).toHaveValue('');
    await again.getByLabel('Password').fill(organization.admin.password);
    await page.keyboard.press('Enter');
    await expect(again).toBeHidden();

    await expect(editor).toContainText('parcel-1');
    healed = true;
    await modal.getByRole('button', { name: 'Replay' }).click();
    await expect(modal).toBeHidden();
    await expectLive(page);
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  });

  test('a half-filled form stays, and is saved after signing in again', async ({ page, organization }) => {
    await page.goto('/integrations?connector=new');
    const sheet = page.getByRole('dialog', { name: 'Add connector' });
    const name = `Kestrel ${unique()}`;
    await sheet.locator('#manage-details').getByLabel('Name', { exact: true }).fill(name);
    await sheet.getByLabel('Code').fill(name.toLowerCase().replace(' ', '-'));
    await expectLive(page);
    await endSession(organization);
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByLabel('Password').fill(organization.admin.password);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(again).toBeHidden();
    await expect(sheet.locator('#manage-details').getByLabel('Name', { exact: true })).toHaveValue(name);
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(page.getByRole('dialog', { name: `Manage ${name}` }).getByText(/^Everything is saved, \d/)).toBeVisible();
  });

  test('whoever wants to be somebody else leaves the page', async ({ page, organization }) => {
    await openDashboard(page, '?tab=errors');
    await endSession(organization);
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByRole('button', { name: 'Leave and sign in as somebody else' }).click();
    await expect(page).toHaveURL('/login?next=%2F%3Ftab%3Derrors');
  });

  test('signing in again in another tab is enough', async ({ page, context, organization }) => {
    await openDashboard(page);
    await endSession(organization);
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await expect(again).toBeVisible();
    const tab = await context.newPage();
    await tab.goto('/login');
    await tab.getByLabel('Email').fill(organization.admin.email);
    await tab.getByLabel('Password').fill(organization.admin.password);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await expectLive(tab);
    await tab.close();
    await page.bringToFront();
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect(again).toBeHidden();
    await expectLive(page);
  });
});

test('question mark lists the keys, and G with a letter goes to a page', async ({ page, organization: _signedIn }) => {
  await openDashboard(page);
  await page.keyboard.press('Shift+?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await expect(keys).toContainText('Edit and replay');
  await screenshots(page, 'shell-keys');
  await page.keyboard.press('Escape');
  await expect(keys).toBeHidden();

  for (const [letter, path] of [
    ['i', '/integrations'],
    ['s', '/settings'],
    ['D', '/'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page).toHaveURL(path);
  }
  // A letter without a page does nothing, on the page below neither: L would pause.
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.keyboard.press('1');
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'live');
  await expect(page).toHaveURL('/');
  // While somebody types, keys are letters.
  await page.keyboard.press('/');
  await page.keyboard.type('gi?');
  await expect(page).toHaveURL('/');
  await expect(page.locator('#log-search')).toHaveValue('gi?');
});

test('what the installation is for stands in the bar, when it was said', async ({ page, organization: _signedIn, browser }) => {
  await openDashboard(page);
  await expect(page.locator('.env')).toHaveCount(0);
  const staging = await startSignalbox({ env: { SIGNALBOX_ENVIRONMENT: 'sandbox: Staging EU' } });
  const root = await setUp(staging);
  const context = await browser.newContext({ baseURL: staging.url });
  await signInAs(context, staging.url, root);
  const tab = await context.newPage();
  await openDashboard(tab);
  const badge = tab.locator('.env:visible');
  await expect(badge).toHaveText('Staging EU');
  await expect(badge).toHaveAttribute('data-env', 'sandbox');
  await tab.setViewportSize({ width: 390, height: 844 });
  await expect(badge).toHaveText('Staging EU');
  await screenshots(tab, 'shell-environment');
  await context.close();
  await staging.stop();
});

test.describe('when something is not there', () => {
  test.use({ expectedProblems: [/status of 404/], permissions: ['clipboard-read', 'clipboard-write'] });

  test('the notice names the request, as the server\'s log does', async ({ page, organization: _signedIn, signalbox }) => {
    await openDashboard(page, '?open=dlv_00000000000000000000000000000000');
    const notice = drawer(page).getByRole('alert');
    await expect(notice).toContainText(/Request [0-9a-f]{16}/);
    const id = (await notice.locator('.mono').textContent())!;
    await notice.getByRole('button', { name: 'Copy request id' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(id);
    await expect.poll(() => signalbox.output()).toContain(id);
  });
});

test('what the list of integrations is narrowed to survives a reload', async ({ page, organization }) => {
  await organization.addReceiver({ name: 'Shop' });
  await organization.addReceiver({ name: 'Contacts' });
  await page.goto('/integrations');
  const list = page.getByRole('region', { name: 'Connectors' });
  await list.getByRole('searchbox', { name: 'Filter connectors' }).fill('sho');
  await choose(list, 'Health', 'Silent');
  await choose(list, 'Environment', 'Production');
  await expect(page).toHaveURL('/integrations?search=sho&health=silent&environment=production');
  await page.reload();
  await expect(list.getByRole('searchbox', { name: 'Filter connectors' })).toHaveValue('sho');
  await expect(list.getByRole('button', { name: /^Manage / })).toHaveCount(1);
  await list.getByRole('button', { name: 'Manage Shop', exact: true }).click();
  await expect(page).toHaveURL(/search=sho.*connector=con_/);
  await page.reload();
  await expect(page.getByRole('dialog', { name: 'Manage Shop' })).toBeVisible();
});

test('at 390 px and at 200 % zoom everything of the shell is in reach', async ({ page, organization: _signedIn }) => {
  // 200 % of a 1280 px window is a window of 640.
  for (const [name, width, height] of [
    ['390', 390, 844],
    ['zoom', 640, 400],
  ] as const) {
    await page.setViewportSize({ width, height });
    await openDashboard(page);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await wide(), 'nothing is cut off').toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Open menu' }).click();
    const menu = page.locator('#nav');
    await choose(menu, 'Theme', 'Dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await choose(menu, 'Theme', 'System');
    await menu.getByRole('button', { name: 'Sign out' }).scrollIntoViewIfNeeded();
    await expect(menu.getByRole('button', { name: 'Sign out' })).toBeInViewport();
    await page.screenshot({ path: `screenshots/shell-menu-${name}.png` });
    await menu.getByRole('link', { name: 'Settings' }).click();
    await expect(page).toHaveURL('/settings');
  }
});

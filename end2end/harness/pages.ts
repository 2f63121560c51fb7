// What people do in the console, for every spec in the same words.
import { expect, type Locator, type Page } from '@playwright/test';

/** The rows of the grid that lists deliveries, as far as they are in the document. */
export function rows(page: Page): Locator {
  return page.locator('table.grid[data-kind="events"] tbody tr[data-id]');
}

/** The drawer beside the grid. */
export function drawer(page: Page): Locator {
  return page.locator('.drawer');
}

/** Opens the dashboard and waits until changes arrive by themselves. */
export async function openDashboard(page: Page, query = ''): Promise<void> {
  await page.goto(`/${query}`);
  await expectLive(page);
}

export async function expectLive(page: Page): Promise<void> {
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'live');
}

/** Opens *Manage integrations* from the dashboard; resolves with the sheet. */
export async function openManage(page: Page): Promise<Locator> {
  await page.locator('.page-actions').getByRole('button', { name: 'Manage integrations' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('heading', { name: 'Manage integrations' })).toBeVisible();
  return sheet;
}

/** Picks one of a segmented switch: its input is covered by its words. */
export async function choose(within: Locator, group: string, words: string): Promise<void> {
  const option = within.getByRole('group', { name: group, exact: true }).last().getByRole('radio', { name: words });
  await option.locator('xpath=..').click();
  await expect(option).toBeChecked();
}

/** The text of a select's chosen option. */
export function chosen(select: Locator): Locator {
  return select.locator('option:checked');
}

/** What the last copy button put on the clipboard. */
export function copied(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Fills the sign-in page. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

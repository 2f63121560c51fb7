// A person without a mouse.
import { expect, type Locator, type Page } from '@playwright/test';

/** More Tabs than this nobody presses. */
const MOST = 200;

/** Presses Tab (or Shift+Tab) until `target` has the focus. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeAttached();
  for (let pressed = 0; pressed < MOST; pressed += 1) {
    if (await target.evaluate((element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${target} is not reached with ${MOST} × ${key}`);
}

/** Goes to a field and writes over what is in it. */
export async function type(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
  await expect(field).toHaveValue(text);
}

/** Goes to a button and presses it. */
export async function press(page: Page, button: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await tabTo(page, button, key);
  await page.keyboard.press('Enter');
}

/** Goes to a group of radio buttons and moves to the one with these words. */
export async function pick(page: Page, group: Locator, words: string): Promise<void> {
  await tabTo(page, group.getByRole('radio', { checked: true }));
  const wanted = group.getByRole('radio', { name: words });
  const count = await group.getByRole('radio').count();
  for (let pressed = 0; pressed < count && !(await wanted.isChecked()); pressed += 1) await page.keyboard.press('ArrowRight');
  await expect(wanted).toBeChecked();
}

/** Goes to a select and picks the option that begins with these words. */
export async function select(page: Page, field: Locator, words: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.type(words);
  await expect(field.locator('option:checked')).toHaveText(new RegExp(`^${words}`));
}

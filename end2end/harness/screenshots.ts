// Pictures for people to look at: every screen in light, dark and on a phone, in end2end/screenshots/.
import type { Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** Stores `<name>-light.png`, `<name>-dark.png` and `<name>-390.png`, and leaves the page as it was. */
export async function screenshots(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  const take = async (variant: string, colorScheme: 'light' | 'dark', size: typeof DESKTOP) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    await page.screenshot({ path: `${FOLDER}${name}-${variant}.png`, animations: 'disabled' });
  };
  await take('light', 'light', DESKTOP);
  await take('dark', 'dark', DESKTOP);
  await take('390', 'light', PHONE);
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}

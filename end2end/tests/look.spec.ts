// How the key screens look: pictures for people, and for machines what must hold of a picture on any machine. Why no
// pictures are compared: docs/decisions/0015-looks-are-checked-by-structure.md
import type { Page } from '@playwright/test';
import { sideways } from '../harness/audit.ts';
import { drawer, openDashboard, openManage, rows } from '../harness/pages.ts';
import type { Organization } from '../harness/organization.ts';
import { screenshots } from '../harness/screenshots.ts';
import { startSignalbox } from '../harness/signalbox.ts';
import { expect, test } from '../harness/test.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const LOOKS = [
  { name: 'light', colorScheme: 'light', size: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', size: { width: 1440, height: 900 } },
  { name: '390 px', colorScheme: 'light', size: { width: 390, height: 844 } },
] as const;

/** What is wrong with the picture: words that are cut off, controls that lie over one another, colours of no token. */
const faults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.querySelector('.app, main') ?? document.body;
    const name = (it: Element) => `<${it.tagName.toLowerCase()} class="${it.getAttribute('class') ?? ''}"> ${(it.getAttribute('aria-label') ?? it.textContent ?? '').trim().slice(0, 50)}`;
    const seen = (it: Element) => {
      const box = it.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };

    // Words of a control or a heading fit into it, or end with an ellipsis that a person can see.
    for (const it of top.querySelectorAll('button, h1, h2, h3, .btn, .chip, .tag, .status, .stat b, .count, label, th')) {
      if (!seen(it) || getComputedStyle(it).overflowX === 'visible') continue;
      const ellipsis = getComputedStyle(it).textOverflow === 'ellipsis';
      if (!ellipsis && it.scrollWidth > it.clientWidth + 1) found.push(`cut off: ${name(it)}`);
    }

    // Nothing that can be pressed lies over something else that can.
    const controls = [...top.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((it) => seen(it) && !it.closest('label'));
    const boxes = controls.map((it) => it.getBoundingClientRect());
    const floats = (it: Element) => it.closest('.topbar, .bottombar, .bulkbar, .toasts, .drawer, .menu-panel, .sidebar, .dialog-foot, .news, .json-place');
    for (let a = 0; a < controls.length; a += 1) {
      for (let b = a + 1; b < controls.length; b += 1) {
        const [one, other] = [controls[a]!, controls[b]!];
        if (one.contains(other) || other.contains(one) || floats(one) !== floats(other)) continue;
        const width = Math.min(boxes[a]!.right, boxes[b]!.right) - Math.max(boxes[a]!.left, boxes[b]!.left);
        const height = Math.min(boxes[a]!.bottom, boxes[b]!.bottom) - Math.max(boxes[a]!.top, boxes[b]!.top);
        if (width > 1 && height > 1) found.push(`overlap: ${name(one)} and ${name(other)}`);
      }
    }

    // What floats stands in its own place.
    const fixed = ['.drawer', '.bottombar', '.bulkbar', '.topbar'].flatMap((selector) => [...document.querySelectorAll(selector)]).filter(seen);
    for (const it of fixed) {
      const box = it.getBoundingClientRect();
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`outside of the window: ${name(it)}`);
    }
    return found;
  });

/** The few measures by which the look is recognized, as the tokens give them. */
const measures = (page: Page) =>
  page.evaluate(() => {
    const style = (selector: string) => {
      const element = document.querySelector(selector);
      return element ? getComputedStyle(element) : null;
    };
    const probe = document.body.appendChild(document.createElement('i'));
    probe.className = 'probe';
    const token = (name: string, property: 'color' | 'width') => {
      probe.style[property] = `var(${name})`;
      const value = getComputedStyle(probe)[property];
      probe.style[property] = '';
      return value;
    };
    probe.style.position = 'absolute';
    const tokens = { canvas: token('--canvas', 'color'), ink: token('--ink', 'color'), accent: token('--accent', 'color') };
    probe.remove();
    const primary = style('.btn[data-variant="primary"]:not(:disabled, [aria-disabled="true"])');
    return {
      tokens,
      canvas: style('body')!.backgroundColor,
      ink: style('body')!.color,
      size: style('body')!.fontSize,
      primary: primary && primary.backgroundColor,
    };
  });

/** Looks at the screen in every look: structure, measures, and pictures in end2end/screenshots/. */
async function look(page: Page, screen: string): Promise<void> {
  await test.step(screen, async () => {
    for (const { name, colorScheme, size } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      expect(await sideways(page), `${screen}, ${name}`).toEqual([]);
      expect(await faults(page), `${screen}, ${name}`).toEqual([]);
      const { tokens, canvas, ink, size: text, primary } = await measures(page);
      expect({ canvas, ink, text }).toEqual({ canvas: tokens.canvas, ink: tokens.ink, text: '13px' });
      if (primary) expect(primary).toBe(tokens.accent);
    }
    await page.emulateMedia({ colorScheme: null });
    await page.setViewportSize(LOOKS[0].size);
    await screenshots(page, `look-${screen}`);
  });
}

/** A day of a shop that mostly works, and a minute in which the next system refuses everything. */
async function spike(organization: Organization, url: string): Promise<void> {
  const billing = await organization.addReceiver({ name: 'Harbourline Billing', destination: { url, path: '/invoices' } });
  const shop = await organization.addReceiver({ name: 'Kestrel Shop' });
  const crm = await organization.addReceiver({ name: 'Contacts' });
  for (let at = 0; at < 24; at += 1) await shop.send({ id: `order-${1_000 + at}`, total: '49.00' }, { eventType: 'order.paid' });
  for (let at = 0; at < 6; at += 1) await crm.send({ id: `contact-${at}` }, { eventType: 'contact.updated' });
  for (let at = 0; at < 12; at += 1) {
    const customer = { id: 'C-7731', name: 'Kestrel Foods Ltd', vat_number: 'GB 284 1190 07' };
    const lines = [
      { sku: 'FRT-LHR-ROT', qty: '12', unit_price: 184.5 },
      { sku: 'FUEL-SUR', qty: 1, unit_price: 96.2 },
    ];
    const data = { id: `INV-${20_418 + at}`, customer, currency: 'gbp', terms: 'Net 30 days', due_on: '2026-12-22', lines };
    await billing.send({ event: 'invoice.created', id: data.id, data }, { eventType: 'invoice.created' });
  }
  await crm.send({ id: 'contact-9' }, { secret: 'not-the-secret' });
}

test('dashboard with a spike, drawer, retry dialog', async ({ page, organization, destination }) => {
  test.slow();
  const { url } = await destination(() => ({
    status: 422,
    body: { type: 'invalid_record', detail: '3 fields do not match invoice.v3', fields: ['currency', 'terms', 'lines[0].qty'] },
  }));
  await spike(organization, url);
  await openDashboard(page);
  const failed = rows(page).filter({ hasText: 'INV-20429' });
  await expect(failed.locator('.status')).toHaveText('Failed');
  await expect(page.locator('.hitmap-cell[data-row="0"]:not([data-fail="0"])')).toHaveCount(1);
  await look(page, 'dashboard');

  await failed.click();
  await expect(drawer(page).getByRole('tree')).toBeVisible();
  await look(page, 'drawer');
  // On a phone the drawer is the screen: nothing of what lies below it shows through.
  await page.setViewportSize({ width: 390, height: 844 });
  const box = (await drawer(page).boundingBox())!;
  expect([box.x, box.y, box.width, box.height].map(Math.round)).toEqual([0, 0, 390, 844]);
  for (const [x, y] of [[10, 834], [195, 834], [380, 834], [195, 10]]) {
    const inside = await page.evaluate(([x, y]) => document.elementFromPoint(x!, y!)?.closest('.drawer') !== null, [x, y]);
    expect(inside, `${x}, ${y}`).toBe(true);
  }
  await page.setViewportSize({ width: 1440, height: 900 });

  await drawer(page).getByRole('button', { name: 'Edit and replay' }).click();
  await expect(page.getByRole('textbox', { name: 'Edited payload' })).toBeVisible();
  await look(page, 'retry');
});

test('selected rows and the drawer on a phone', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  await spike(organization, url);
  await openDashboard(page, '?tab=errors');
  await expect(rows(page).first()).toBeVisible();
  await rows(page).nth(1).getByRole('checkbox').check();
  await page.setViewportSize({ width: 390, height: 844 });
  const bar = (await page.locator('.bulkbar').boundingBox())!;
  const bottom = (await page.locator('.bottombar').boundingBox())!;
  expect(bar.y + bar.height).toBeLessThanOrEqual(bottom.y);
  await rows(page).first().locator('[data-col="source"]').click();
  await expect(drawer(page)).toBeVisible();
  for (const selector of ['.bulkbar', '.bottombar']) {
    const covered = await page.locator(selector).evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2)?.closest('.drawer') !== null;
    });
    expect(covered, selector).toBe(true);
  }
});

test('manage integrations and settings', async ({ page, organization, destination }) => {
  test.slow();
  const { url } = await destination(() => ({ status: 422 }));
  await spike(organization, url);
  await openDashboard(page);
  const sheet = await openManage(page);
  await expect(sheet.getByRole('button', { name: 'Manage Kestrel Shop', exact: true })).toBeVisible();
  await look(page, 'manage-integrations');
  await sheet.getByRole('button', { name: 'Manage Harbourline Billing', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Manage Harbourline Billing' })).toBeVisible();
  await look(page, 'connector');
  await page.goto('/integrations');
  await expect(page.getByRole('button', { name: 'Manage Kestrel Shop', exact: true })).toBeVisible();
  await look(page, 'integrations');
  await page.goto('/settings');
  await expect(page.getByRole('region', { name: 'People' }).getByRole('row').nth(1)).toBeVisible();
  await look(page, 'settings');
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await look(page, 'not-found');
});

test.describe('before somebody is signed in', () => {
  test.use({ expectedProblems: [/status of 401/] });
  test('sign-in and set-up', async ({ page, root }) => {
    expect(root.email).toBeTruthy();
    await page.goto('/login');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await look(page, 'sign-in');
    const fresh = await startSignalbox();
    await page.goto(fresh.setupLink);
    await expect(page.getByLabel('Your name')).toBeVisible();
    await look(page, 'set-up');
    await fresh.stop();
  });
});

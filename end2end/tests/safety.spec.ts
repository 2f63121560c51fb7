// What strangers send is shown as they wrote it, and never becomes a part of the page. That no page breaks the content
// security policy is checked by the harness in every test.
import type { Page } from '@playwright/test';
import { sideways } from '../harness/audit.ts';
import { choose, drawer, openDashboard, openManage, rows } from '../harness/pages.ts';
import { Client, createOrganization, signInAs, unique } from '../harness/organization.ts';
import { expect, test } from '../harness/test.ts';

const IMAGE = '<img class=planted src=x onerror="window.planted=1">';
const SCRIPT = '</script><script class=planted>window.planted=2</script>';
const TURNED = 'left \u202eright\u202c';
const LONG = 'Lückenlos'.repeat(11);
const MARKUP = `${IMAGE}${SCRIPT}<b class=planted>bold</b>&lt;i&gt;`;

/** Elements that a stranger's words became, in the page and in every shadow root; and whether a script of theirs ran. */
const planted = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const search = (root: Document | ShadowRoot) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.classList.contains('planted') || element.hasAttribute('onerror')) found.push(element.outerHTML);
        if (element.shadowRoot) search(element.shadowRoot);
      }
    };
    search(document);
    if ('planted' in window) found.push(`a script ran: ${(window as { planted?: unknown }).planted}`);
    return found;
  });

test('markup in payloads, headers and names stays text everywhere', async ({ page, context, signalbox, root, destination }) => {
  test.slow();
  page.on('dialog', (dialog) => {
    throw new Error(`a dialog opened: ${dialog.message()}`);
  });
  const organization = await createOrganization(signalbox, root, `${IMAGE} ${unique()}`);
  await signInAs(context, signalbox.url, organization.admin);
  const { url } = await destination(() => ({
    status: 422,
    bytes: { type: 'text/html', of: `<!doctype html><body>${MARKUP}</body>` },
  }));
  const shop = await organization.addReceiver({ name: `${IMAGE} ${TURNED}`.slice(0, 90), destination: { url } });
  const long = await organization.addReceiver({ name: LONG.slice(0, 100) });
  const asRoot = new Client(signalbox.url, root.cookie, organization.id);
  const someone = { name: MARKUP.slice(0, 100), email: `mark.${unique()}@example.com`, password: 'correct horse battery', role: 'viewer' };
  await asRoot.post('members', someone);
  const payload = { id: `${IMAGE} ${TURNED}`, [MARKUP]: [MARKUP, { nested: SCRIPT }], long: LONG.repeat(50) };
  await shop.send(payload);
  await long.send({ id: LONG.slice(0, 150) });
  await fetch(shop.url, {
    method: 'POST',
    headers: { 'content-type': 'text/html', 'x-note': IMAGE, 'user-agent': SCRIPT },
    body: MARKUP,
  });
  const clean = async (screen: string) => {
    expect(await planted(page), screen).toEqual([]);
    expect(await sideways(page), screen).toEqual([]);
  };

  await openDashboard(page);
  await expect(rows(page)).toHaveCount(2);
  const failed = rows(page).filter({ hasText: IMAGE });
  await expect(failed.locator('.status')).toHaveText('Failed');
  await expect(page.locator('.hitmap-label', { hasText: IMAGE })).toBeVisible();
  await clean('dashboard');
  await page.locator('.hitmap-cell[data-row="0"]:not([data-volume="0"])').first().hover();
  await expect(page.getByRole('tooltip')).toContainText(IMAGE);
  await clean('hover card');

  await test.step('drawer: tree, text, search, attempts, headers', async () => {
    await failed.click();
    const tree = drawer(page).getByRole('tree');
    await expect(tree).toContainText('"nested": "</script><script class=planted>window.planted=2</script>"');
    await expect(tree.getByRole('treeitem').filter({ hasText: '"long"' })).toContainText('copy the value for the whole');
    await drawer(page).getByRole('searchbox').fill('<img');
    await expect(tree.locator('mark[data-current]')).toHaveText('<img');
    const folded = drawer(page).locator('details:not([open]) > summary');
    for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
    await expect(drawer(page).getByRole('group', { name: /^Response text\/html/ })).toContainText('<b class=planted>bold</b>');
    await clean('drawer');
    await choose(drawer(page), 'Payload view', 'Text');
    expect(await drawer(page).getByLabel('Payload as text').textContent()).toBe(JSON.stringify(payload));
    await clean('drawer, text');
  });

  await test.step('editor, diff and toast', async () => {
    await drawer(page).getByRole('button', { name: 'Edit and replay' }).click();
    const modal = page.locator('dialog.retry-modal');
    const editor = modal.getByRole('textbox', { name: 'Edited payload' });
    await expect(editor).toContainText('<b class=planted>bold</b>');
    await clean('editor');
    await editor.click();
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type(' "new": "<i class=planted>", ');
    await choose(modal, 'Payload view', 'Diff');
    await expect(modal.locator('.diff')).toContainText('<i class=planted>');
    await clean('diff');
    await modal.getByRole('button', { name: 'Replay' }).click();
    await expect(modal).toBeHidden();
    await expect(page.locator('.toast')).toBeVisible();
    await clean('toast');
    await page.keyboard.press('Escape');
  });

  await test.step('refused request', async () => {
    await page.goto('/?tab=errors&errors=rejections');
    await page.locator('table.grid[data-kind="errors"] tbody tr').first().click();
    await expect(drawer(page).getByLabel('Payload as text')).toHaveText(MARKUP);
    await expect(drawer(page).locator('dl.headers')).toContainText(IMAGE);
    await clean('refused request');
  });

  await test.step('manage integrations and settings', async () => {
    await page.goto('/');
    const sheet = await openManage(page);
    await expect(sheet.getByRole('button', { name: `Manage ${IMAGE}` }).first()).toBeVisible();
    await clean('Manage integrations');
    await page.goto(`/integrations?connector=${shop.connectorId}`);
    await expect(page.locator('dialog.sheet').last().getByRole('heading', { name: `Manage ${IMAGE}` })).toBeVisible();
    await clean('connector sheet');
    await page.goto('/settings');
    await expect(page.getByRole('region', { name: 'People' })).toContainText('<img class=planted');
    await clean('settings');
  });
});

test('the policy forbids what markup would need, and the check above can fail', async ({ page, organization: _signedIn }) => {
  const answer = await page.goto('/');
  const policy = answer!.headers()['content-security-policy']!;
  expect(policy).toContain("script-src 'self'");
  for (const forbidden of ["'unsafe-inline'", "'unsafe-eval'", 'data:', '*', 'http:']) expect(policy.split(/[ ;]/)).not.toContain(forbidden);
  expect(policy).toMatch(/object-src 'none'|default-src 'none'/);
  await page.evaluate(() => {
    const host = document.body.appendChild(document.createElement('div'));
    host.attachShadow({ mode: 'open' }).appendChild(document.createElement('b')).className = 'planted';
  });
  expect(await planted(page)).toHaveLength(1);
});

test.describe('a page that breaks the policy', () => {
  test.use({ expectedProblems: [/CSP violation|Content Security Policy/] });
  test('is heard of, also from inside a shadow root', async ({ page, organization: _signedIn, problems }) => {
    await page.goto('/');
    await page.evaluate(() => {
      const host = document.body.appendChild(document.createElement('div'));
      const inside = host.attachShadow({ mode: 'open' });
      inside.appendChild(document.createElement('p')).setAttribute('style', 'color: red');
    });
    await expect.poll(() => problems.filter((problem) => problem.startsWith('CSP violation: style-src'))).not.toEqual([]);
  });
});

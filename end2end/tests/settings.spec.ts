// Settings: who is there, and what they may do. Keys and new people are in accounts.spec.ts.
import { chosen } from '../harness/pages.ts';
import { expect, test } from '../harness/test.ts';

test('a role is changed, and a person is removed after a question', async ({ page, organization }) => {
  const victor = await organization.addPerson('Victor', 'viewer');
  await page.goto('/settings');
  await expect(page).toHaveTitle('Settings · Signalbox');
  const people = page.getByRole('region', { name: 'People' });
  const row = people.getByRole('row', { name: /Victor/ });
  const role = row.getByRole('combobox', { name: 'Role of Victor' });
  await expect(chosen(role)).toHaveText('Viewer');
  await role.selectOption({ label: 'Operator' });
  await expect(page.getByText('Victor is now operator')).toBeVisible();
  await page.reload();
  await expect(chosen(role)).toHaveText('Operator');

  const asVictor = () =>
    fetch(`${organization.origin}/api/v1/integration/connectors`, {
      headers: { cookie: victor.cookie, 'signalbox-organization': organization.id },
    });
  expect((await asVictor()).status).toBe(200);
  await row.getByRole('button', { name: 'Remove Victor' }).click();
  const question = page.getByRole('dialog');
  await expect(question.getByRole('heading', { name: 'Remove Victor?' })).toBeVisible();
  await expect(question.getByRole('button', { name: 'Keep them' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: 'Remove Victor' }).click();
  await question.getByRole('button', { name: 'Remove person' }).click();
  await expect(page.getByText('Victor is removed')).toBeVisible();
  await expect(row).toHaveCount(0);
  expect((await asVictor()).status).not.toBe(200);
});

test('nobody takes their own role away by accident', async ({ page, organization }) => {
  await page.goto('/settings');
  const me = page.getByRole('region', { name: 'People' }).getByRole('row', { name: new RegExp(organization.admin.email) });
  await expect(me).toContainText('You');
  await expect(me.getByRole('combobox')).toHaveCount(0);
  await expect(me.getByRole('button')).toHaveCount(0);
});

//! The parts of the console that are downloaded when they are first shown, by the name of what they are cut into.
//!
//! Each function here is where one is entered: what only it reaches is not in the module that the browser loads first.
//! [`Later`](super::components::later::Later) shows them.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::components::alerts_bell::AlertsBell;
use super::components::columns_menu::ColumnsMenu;
use super::components::keys_dialog::KeysDialog;
use super::components::manage::manage_integrations::ManageIntegrations;
use super::components::palette::Palette;
use super::components::retry_dialogs::RetryDialogs;
use super::components::sign_in_again::SignInAgain;
use super::pages::dashboard::Dashboard;
use super::pages::dashboard::batches::DashboardBatches;
use super::pages::dashboard::drawer::DashboardDrawer;
use super::pages::integrations::IntegrationsPage;
use super::pages::settings::SettingsPage;
use super::pages::setup::SetupPage;
use super::state::{ManageModalData, RetryDialog};

type Part = Result<AnyView, SplitLoaderError>;

/// The sheets of *Manage integrations*.
#[wasm_split(manage, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn manage_sheet(data: ManageModalData) -> Part {
    Ok(view! { <ManageIntegrations data/> }.into_any())
}

/// The page "Integrations".
#[wasm_split(manage, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn integrations_page() -> Part {
    Ok(view! { <IntegrationsPage/> }.into_any())
}

/// The drawer beside the dashboard's grid.
#[wasm_split(
    details,
    fallible,
    wasm_split_path = ::leptos::wasm_split,
    preload(/** Fetches what the drawer needs before it is opened. */ preload_details)
)]
pub fn dashboard_drawer(page: Dashboard) -> Part {
    Ok(view! { <DashboardDrawer page/> }.into_any())
}

/// The batches of retries that are under way.
#[wasm_split(details, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn retry_batches(page: Dashboard) -> Part {
    Ok(view! { <DashboardBatches page/> }.into_any())
}

/// The dialogs that retry and replay.
#[wasm_split(details, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn retry_dialog(dialog: RetryDialog) -> Part {
    Ok(view! { <RetryDialogs dialog/> }.into_any())
}

/// The page "Settings".
#[wasm_split(manage, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn settings_page() -> Part {
    Ok(view! { <SettingsPage/> }.into_any())
}

/// The page "Set up Signalbox".
#[wasm_split(manage, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn setup_page() -> Part {
    Ok(view! { <SetupPage/> }.into_any())
}

/// Search and commands.
#[wasm_split(find, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn palette() -> Part {
    Ok(view! { <Palette/> }.into_any())
}

/// The bell in the topbar. It comes right after the first screen and brings the palette with it.
#[wasm_split(find, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn alerts_bell() -> Part {
    Ok(view! { <AlertsBell/> }.into_any())
}

/// What the menu "Columns" offers.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn columns_menu() -> Part {
    Ok(view! { <ColumnsMenu/> }.into_any())
}

/// The list of keys.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn keys_dialog(on_close: Callback<()>) -> Part {
    Ok(view! { <KeysDialog on_close/> }.into_any())
}

/// Signing in again over the page.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn sign_in_again() -> Part {
    Ok(view! { <SignInAgain/> }.into_any())
}

//! The parts of the console that are downloaded when they are first shown, by the name of what they are cut into.
//!
//! Each function here is where one is entered: what only it reaches is not in the module that the browser loads first.
//! [`Later`](super::components::later::Later) shows them.

use domain::dashboard::Heatmap;
use domain::id::ConnectorId;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::components::alerts_bell::AlertsBell;
use super::components::bulk_bar::{BulkBar, Selection};
use super::components::columns_menu::ColumnsMenu;
use super::components::display_choices::DisplayChoices;
use super::components::filter_fields::{FilterFields, Filters};
use super::components::hover_card::{HoverCard, Hovered};
use super::components::keys_dialog::KeysDialog;
use super::components::manage::manage_integrations::ManageIntegrations;
use super::components::palette::Palette;
use super::components::range_form::RangeForm;
use super::components::rejection_table::{RejectionList, RejectionTable};
use super::components::retry_dialogs::RetryDialogs;
use super::components::sign_in_again::SignInAgain;
use super::pages::dashboard::Dashboard;
use super::pages::dashboard::batches::DashboardBatches;
use super::pages::dashboard::drawer::DashboardDrawer;
use super::pages::integrations::IntegrationsPage;
use super::pages::login::LoginPage;
use super::pages::settings::SettingsPage;
use super::pages::setup::SetupPage;
use super::state::{Load, ManageModalData, RetryDialog};
use crate::model::range::Range;

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
#[wasm_split(gate, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn setup_page() -> Part {
    Ok(view! { <SetupPage/> }.into_any())
}

/// The page "Sign in".
#[wasm_split(gate, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn login_page() -> Part {
    Ok(view! { <LoginPage/> }.into_any())
}

/// The table of refused requests.
#[wasm_split(details, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn rejection_table(list: RejectionList) -> Part {
    Ok(view! { <RejectionTable list/> }.into_any())
}

/// What can be done with selected rows.
#[wasm_split(details, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn bulk_bar(selection: Selection) -> Part {
    Ok(view! { <BulkBar selection/> }.into_any())
}

/// What a cell of the heatmap stands for.
#[wasm_split(details, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn hover_card(
    hovered: RwSignal<Option<Hovered>>,
    heatmap: Signal<Load<Heatmap>>,
    name_of: Callback<ConnectorId, String>,
) -> Part {
    Ok(view! { <HoverCard hovered heatmap name_of/> }.into_any())
}

/// What the menu "Add filter" offers.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn filter_fields(filters: Filters) -> Part {
    Ok(view! { <FilterFields filters/> }.into_any())
}

/// Where a span of one's own is entered.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn range_form(range: Signal<Range>, take_focus: bool, on_range: Callback<Range>) -> Part {
    Ok(view! { <RangeForm range take_focus on_range/> }.into_any())
}

/// Theme and times.
#[wasm_split(aside, fallible, wasm_split_path = ::leptos::wasm_split)]
pub fn display_choices(name: &'static str) -> Part {
    Ok(view! { <DisplayChoices name/> }.into_any())
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

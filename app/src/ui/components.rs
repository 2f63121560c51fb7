//! One component per file; the file has the component's name.

pub mod copy_button;
pub mod dialog;
pub mod form;
pub mod icon;
pub mod live_button;
pub mod manage;
pub mod menus;
pub mod page_title;
pub mod problem_notice;
pub mod retry_dialogs;
pub mod settings;
pub mod shell;
pub mod sidebar;
pub mod status_chip;
pub mod time;
pub mod toasts;
pub mod topbar;
pub mod vendor;

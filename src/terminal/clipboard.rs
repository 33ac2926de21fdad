//! The clipboard of the machine that qwatch runs on, where there is a desktop: over ssh and in tmux only OSC 52 reaches
//! the one that is meant.

use std::sync::Mutex;

use arboard::Clipboard;

/// Kept while the program runs: on X11 and Wayland the clipboard is whoever answers for it.
static CLIPBOARD: Mutex<Option<Clipboard>> = Mutex::new(None);

/// Puts text on it. That there is none is no news to anyone: OSC 52 was written already.
pub fn copy(text: &str) {
    if !has_desktop() {
        return;
    }
    let Ok(mut clipboard) = CLIPBOARD.lock() else { return };
    if clipboard.is_none() {
        *clipboard = Clipboard::new().inspect_err(|error| tracing::info!(%error, "no clipboard")).ok();
    }
    if let Some(clipboard) = clipboard.as_mut()
        && let Err(error) = clipboard.set_text(text)
    {
        tracing::warn!(%error, "cannot write to the desktop's clipboard");
    }
}

/// Whether it is this machine's desktop that is looked at.
fn has_desktop() -> bool {
    let set = |variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    let remote = set("SSH_CONNECTION") || set("SSH_TTY");
    !remote && (cfg!(not(unix)) || cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY"))
}

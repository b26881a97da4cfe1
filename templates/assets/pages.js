// Fills the browser's time zone into forms that ask for it; without this script it is UTC.
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

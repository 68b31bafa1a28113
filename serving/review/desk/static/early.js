// Before anything is drawn, so that what only scripts show or hide does not flicker.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

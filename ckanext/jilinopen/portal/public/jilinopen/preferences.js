/* Dark colours and large text: applied before the page is painted, kept in this browser only. */
(function () {
  "use strict";
  var root = document.documentElement;
  var SETTINGS = {
    theme: { attribute: "data-bs-theme", on: "dark", off: "light" },
    text: { attribute: "data-text", on: "large", off: "normal" },
  };

  function remembered(name) {
    try { return window.localStorage.getItem("jilinopen." + name); } catch (refused) { return null; }
  }
  function remember(name, value) {
    try { window.localStorage.setItem("jilinopen." + name, value); } catch (refused) { /* private mode */ }
  }
  function prefersDark() {
    return window.matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function isOn(name) {
    return root.getAttribute(SETTINGS[name].attribute) === SETTINGS[name].on;
  }
  function apply(name, value) {
    root.setAttribute(SETTINGS[name].attribute, value);
  }

  apply("theme", remembered("theme") || (prefersDark() ? "dark" : "light"));
  apply("text", remembered("text") || "normal");

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-jl-toggle]").forEach(function (button) {
      var name = button.getAttribute("data-jl-toggle");
      button.hidden = false;
      button.setAttribute("aria-pressed", String(isOn(name)));
      button.addEventListener("click", function () {
        var value = isOn(name) ? SETTINGS[name].off : SETTINGS[name].on;
        apply(name, value);
        remember(name, value);
        button.setAttribute("aria-pressed", String(isOn(name)));
      });
    });

    document.querySelectorAll("details.jl-menu").forEach(function (menu) {
      document.addEventListener("keydown", function (event) {
        if (event.key === "Escape" && menu.open) {
          menu.open = false;
          menu.querySelector("summary").focus();
        }
      });
    });
  });
})();

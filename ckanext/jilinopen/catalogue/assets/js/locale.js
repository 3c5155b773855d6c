/*
 * Makes CKAN's scripts speak a three-part locale such as zh_Hans_CN.
 *
 * CKAN 2.12.0 turns only the first hyphen of the page's language into an underscore and so asks
 * for a catalogue that it does not know (ckan/ckan#9473), and its copy of moment has zh-cn but
 * neither zh-hans-cn nor zh (ckan/ckan#9199). Both are mended before CKAN starts on DOM ready.
 */
(function (ckan, moment) {
  "use strict";

  var original = ckan.Client.prototype.getLocaleData;
  ckan.Client.prototype.getLocaleData = function (locale, success, error) {
    return original.call(this, (locale || "").replace(/-/g, "_"), success, error);
  };

  if (moment && /^zh-Hans\b/i.test(document.documentElement.lang)) {
    /* moment shortens zh-hans-cn and zh_Hans_CN step by step until it knows the name: zh. */
    moment.defineLocale("zh", { parentLocale: "zh-cn" });
  }
})(window.ckan, window.moment);

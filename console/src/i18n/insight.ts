/** The texts of the live board and of statistics; they come with the first of these pages that is opened. */
import i18next from "i18next";
import en from "./insight.en.json";
import ko from "./insight.ko.json";

i18next.addResourceBundle("en", "translation", en, true);
i18next.addResourceBundle("ko", "translation", ko, true);

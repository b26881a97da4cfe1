/** The texts of crowds; they come with the first of their pages that is opened. */
import i18next from "i18next";
import en from "./crowds.en.json";
import ko from "./crowds.ko.json";

i18next.addResourceBundle("en", "translation", en, true);
i18next.addResourceBundle("ko", "translation", ko, true);

/** The texts of the settings; they come with the first page of the settings that is opened. */
import i18next from "i18next";
import en from "./admin.en.json";
import ko from "./admin.ko.json";

i18next.addResourceBundle("en", "translation", en, true);
i18next.addResourceBundle("ko", "translation", ko, true);

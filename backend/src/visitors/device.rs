//! What a User-Agent header says of a visitor's machine, in words that a person reads at a glance. Made for display, not for decisions.

/// Browser, system and kind of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Such as Chrome.
    pub browser: Option<&'static str>,
    /// Such as Android.
    pub os: Option<&'static str>,
    /// `phone`, `tablet`, `desktop` or `bot`.
    pub kind: Option<&'static str>,
}

/// What is said first wins: most browsers also name those they imitate.
const BROWSERS: [(&str, &str); 14] = [
    ("KAKAOTALK", "KakaoTalk"),
    ("NAVER(", "Naver"),
    ("Whale/", "Whale"),
    ("Instagram", "Instagram"),
    ("FBAV", "Facebook"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Reads a User-Agent header.
    pub fn of(user_agent: &str) -> Self {
        let says = |word: &str| user_agent.contains(word);
        let named = |names: &[(&str, &'static str)]| names.iter().find(|(word, _)| says(word)).map(|(_, name)| *name);
        let os = named(&SYSTEMS);
        let lower = user_agent.to_lowercase();
        let kind = match os {
            _ if ["bot", "crawler", "spider", "headless"].iter().any(|word| lower.contains(word)) => Some("bot"),
            Some("iPadOS") => Some("tablet"),
            Some("Android") if !says("Mobile") => Some("tablet"),
            Some("iOS" | "Android") => Some("phone"),
            Some(_) => Some("desktop"),
            None => None,
        };
        Self { browser: named(&BROWSERS), os, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_of_a_korean_shop_are_told_apart() {
        for (agent, browser, os, kind) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome",
                "Windows",
                "desktop",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Whale/3.27 Safari/537.36",
                "Whale",
                "Windows",
                "desktop",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36",
                "Samsung Internet",
                "Android",
                "phone",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 10.8.1",
                "KakaoTalk",
                "iOS",
                "phone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Safari/604.1",
                "Safari",
                "iPadOS",
                "tablet",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Linux", "desktop"),
        ] {
            assert_eq!(Device::of(agent), Device { browser: Some(browser), os: Some(os), kind: Some(kind) }, "{agent}");
        }
        assert_eq!(Device::of("curl/8.5.0"), Device { browser: None, os: None, kind: None });
        assert_eq!(Device::of("Mozilla/5.0 (compatible; Googlebot/2.1)").kind, Some("bot"));
    }
}

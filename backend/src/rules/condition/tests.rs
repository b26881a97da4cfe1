//! Conditions: what they mean, and what is refused.

use super::*;

fn read(text: &str) -> Condition {
    serde_json::from_str(text).unwrap()
}

fn facts() -> Facts {
    Facts::default()
        .with(Fact::PagePath, Value::Text("/Products/bag".to_owned()))
        .with(Fact::CartValue, Value::Number(30_000.0))
        .with(Fact::Returning, Value::Flag(true))
        .with(Fact::Trail, Value::List(vec!["/".to_owned(), "/products/bag".to_owned()]))
        .with(Fact::MessageText, Value::Text("배송은 언제 와요?".to_owned()))
        .with(Fact::Attribute("plan".to_owned()), Value::Text("gold".to_owned()))
}

#[test]
fn each_comparison_means_what_it_says() {
    let held = [
        r#"{"fact":"page.path","is":"equals","value":"/products/BAG"}"#,
        r#"{"fact":"page.path","is":"not_equals","value":"/"}"#,
        r#"{"fact":"page.path","is":"starts_with","value":"/products"}"#,
        r#"{"fact":"page.path","is":"ends_with","value":"bag"}"#,
        r#"{"fact":"page.path","is":"contains","value":"duct"}"#,
        r#"{"fact":"page.path","is":"not_contains","value":"shoe"}"#,
        r#"{"fact":"page.path","is":"wildcard","value":"/*/b*g"}"#,
        r#"{"fact":"page.path","is":"regex","value":"^/products/[a-z]+$"}"#,
        r#"{"fact":"page.path","is":"in","value":["/","/products/bag"]}"#,
        r#"{"fact":"page.path","is":"not_in","value":["/"]}"#,
        r#"{"fact":"visit.trail","is":"contains","value":"/products/bag"}"#,
        r#"{"fact":"visit.trail","is":"not_contains","value":"/products"}"#,
        r#"{"fact":"cart.value","is":"at_least","value":30000}"#,
        r#"{"fact":"cart.value","is":"below","value":30000.5}"#,
        r#"{"fact":"cart.value","is":"equals","value":30000}"#,
        r#"{"fact":"visitor.returning","is":"equals","value":true}"#,
        r#"{"fact":"message.text","is":"matches","value":"배송 언제"}"#,
        r#"{"fact":"visitor.attribute.plan","is":"equals","value":"GOLD"}"#,
        r#"{"fact":"product.id","is":"absent"}"#,
        r#"{"fact":"product.id","is":"not_equals","value":"x"}"#,
        r#"{"all":[]}"#,
        r#"{"any":[]}"#,
        r#"{"none":[{"fact":"page.path","is":"equals","value":"/"},{"fact":"product.id","is":"exists"}]}"#,
        r#"{"any":[{"fact":"page.path","is":"equals","value":"/"},{"all":[{"fact":"cart.value","is":"above","value":1}]}]}"#,
    ];
    for text in held {
        assert_eq!(read(text).compile().unwrap().check(&facts()), Ok(()), "{text}");
    }
    let not = [
        r#"{"fact":"page.path","is":"wildcard","value":"/*/shoe"}"#,
        r#"{"fact":"cart.value","is":"above","value":30000}"#,
        r#"{"fact":"product.price","is":"at_most","value":1}"#,
        r#"{"fact":"product.id","is":"equals","value":"x"}"#,
        r#"{"fact":"product.id","is":"in","value":["x"]}"#,
        r#"{"none":[{"fact":"visitor.returning","is":"equals","value":true}]}"#,
    ];
    for text in not {
        assert!(read(text).compile().unwrap().check(&facts()).is_err(), "{text}");
    }
}

#[test]
fn the_first_test_to_blame_is_named_with_the_way_to_it() {
    let condition = read(
        r#"{"all":[{"fact":"cart.value","is":"above","value":1},
            {"any":[{"fact":"page.path","is":"equals","value":"/"},{"fact":"product.id","is":"exists"}]}]}"#,
    );
    let failed = condition.compile().unwrap().check(&facts()).unwrap_err();
    assert_eq!(failed.at, "when.all[1].any[0]");
    assert_eq!((failed.test.fact, failed.was), (Fact::PagePath, Some(Value::Text("/Products/bag".to_owned()))));
    let none = read(r#"{"none":[{"fact":"cart.value","is":"exists"}]}"#).compile().unwrap().check(&facts()).unwrap_err();
    assert_eq!((none.at.as_str(), none.was), ("when.none[0]", Some(Value::Number(30_000.0))));
}

#[test]
fn what_cannot_be_used_is_refused_with_its_place() {
    let refused = |text: &str| read(text).compile().unwrap_err().to_string();
    assert!(
        refused(r#"{"all":[{"fact":"cart.value","is":"above","value":"much"}]}"#)
            .starts_with("when.all[0]: cart.value is compared with a number")
    );
    assert!(refused(r#"{"fact":"page.path","is":"above","value":3}"#).contains("number"));
    assert!(refused(r#"{"fact":"page.path","is":"regex","value":"("}"#).contains("regular expression"));
    assert!(refused(r#"{"fact":"page.path","is":"regex","value":"(a{1000}){1000}"}"#).contains("regular expression"));
    assert!(refused(r#"{"fact":"page.path","is":"equals"}"#).contains("missing"));
    assert!(refused(r#"{"fact":"page.path","is":"exists","value":1}"#).contains("no value"));
    assert!(refused(r#"{"fact":"page.path","is":"in","value":[]}"#).contains("1 to 200"));
    assert!(refused(r#"{"fact":"visitor.returning","is":"equals","value":"yes"}"#).contains("kind"));
    assert!(refused(&format!(r#"{{"fact":"page.path","is":"contains","value":"{}"}}"#, "a".repeat(501))).contains("at most 500"));
    let deep = (0..9).fold(r#"{"all":[]}"#.to_owned(), |inner, _| format!(r#"{{"all":[{inner}]}}"#));
    assert!(refused(&deep).contains("8 levels"));
    let many = format!(r#"{{"all":[{}]}}"#, vec![r#"{"fact":"page.path","is":"exists"}"#; 101].join(","));
    assert!(refused(&many).contains("at most 100"));
    for unreadable in [
        r#"{"fact":"page.colour","is":"exists"}"#,
        r#"{"fact":"page.path","is":"like","value":"x"}"#,
        r#"{"all":[],"any":[]}"#,
        "[]",
        r#"{"fact":"visitor.attribute.","is":"exists"}"#,
    ] {
        assert!(serde_json::from_str::<Condition>(unreadable).is_err(), "{unreadable}");
    }
}

#[test]
fn every_fact_is_read_back_by_its_name() {
    for (name, fact) in Fact::ALL {
        assert_eq!(Fact::named(name).as_ref(), Some(fact));
        assert_eq!(fact.name(), *name);
    }
}

proptest::proptest! {
    /// Whatever is sent in place of a condition is read or refused; what is read and compiles can be checked.
    #[test]
    fn no_input_breaks_the_reader(text in "\\PC{0,200}", value in "\\PC{0,60}", is in 0_usize..17) {
        let names = ["equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "wildcard", "regex", "matches", "in", "not_in",
            "above", "at_least", "below", "at_most", "exists", "absent"];
        let _ = serde_json::from_str::<Condition>(&text);
        let test = serde_json::json!({"fact": "page.path", "is": names[is], "value": value});
        if let Ok(compiled) = serde_json::from_value::<Condition>(test).unwrap().compile() {
            let _ = compiled.check(&facts());
        }
    }

    #[test]
    fn a_wildcard_is_what_the_same_expression_says(text in "[ab/]{0,12}", pattern in "[ab/*]{0,8}") {
        let expression = format!("^{}$", regex::escape(&pattern).replace("\\*", ".*"));
        proptest::prop_assert_eq!(wildcard(&text, &pattern), Regex::new(&expression).unwrap().is_match(&text));
    }

    /// The time of an expression grows with the text and not beyond.
    #[test]
    fn an_expression_that_explodes_elsewhere_ends(length in 1000_usize..20_000) {
        let test = read(r#"{"fact":"message.text","is":"regex","value":"^(a+)+$"}"#).compile().unwrap();
        let facts = Facts::default().with(Fact::MessageText, Value::Text(format!("{}!", "a".repeat(length))));
        let _ = test.check(&facts);
    }
}

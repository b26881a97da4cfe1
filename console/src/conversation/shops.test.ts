import { expect, test } from "vitest";
import { isOfShop } from "./shops";

test("a picture is the shop's when it is on one of its domains, as a policy reads them", () => {
  const shop = ["shop.example", "*.maple.example", "localhost:8082"];
  for (const url of ["https://shop.example/a.png", "http://cdn.maple.example/a.png", "http://localhost:8082/a.png", "https://a.b.maple.example/x"]) expect(isOfShop(url, shop), url).toBe(true);
  for (const url of ["https://evil.example/a.png", "https://shop.example.evil.example/a.png", "https://maple.example/", "https://shop.example:8443/a.png", "https://evilmaple.example/", "http://localhost/a.png", "ftp://shop.example/a", "https://cdn.maple.example:8443/a"]) expect(isOfShop(url, shop), url).toBe(false);
});

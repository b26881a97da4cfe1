/** How a shop's server signs who is signed in (a JWT, HS256), in five languages, with nothing but what each brings along. Pure. */
export const SAMPLES = [
  {
    name: "Node.js",
    code: `import { createHmac } from "node:crypto";

// Read it from the environment; it must never be in a page.
const secret = process.env.STALK_IDENTITY_SECRET;

export function stalkIdentity(customer) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = part({ alg: "HS256", typ: "JWT" }) + "." + part({
    sub: String(customer.id),
    name: customer.name,
    email: customer.email,
    exp: Math.floor(Date.now() / 1000) + 3600,
  });
  return body + "." + createHmac("sha256", secret).update(body).digest("base64url");
}
`,
  },
  {
    name: "PHP",
    code: `<?php
// Read it from the environment; it must never be in a page.
function stalk_identity(array $customer): string {
    $part = fn (string $text) => rtrim(strtr(base64_encode($text), '+/', '-_'), '=');
    $body = $part(json_encode(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . $part(json_encode([
        'sub' => (string) $customer['id'],
        'name' => $customer['name'],
        'email' => $customer['email'],
        'exp' => time() + 3600,
    ]));
    return $body . '.' . $part(hash_hmac('sha256', $body, getenv('STALK_IDENTITY_SECRET'), true));
}
`,
  },
  {
    name: "Python",
    code: `import base64, hashlib, hmac, json, os, time

# Read it from the environment; it must never be in a page.
SECRET = os.environ["STALK_IDENTITY_SECRET"].encode()


def stalk_identity(customer):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = part(json.dumps({
        "sub": str(customer["id"]),
        "name": customer["name"],
        "email": customer["email"],
        "exp": int(time.time()) + 3600,
    }).encode())
    body = head + b"." + claims
    return (body + b"." + part(hmac.new(SECRET, body, hashlib.sha256).digest())).decode()
`,
  },
  {
    name: "Java",
    code: `import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class StalkIdentity {
    /** Name and e-mail are optional claims; write them with your JSON library, so that quotes are escaped. */
    public static String of(String customerId) throws Exception {
        // Read it from the environment; it must never be in a page.
        byte[] secret = System.getenv("STALK_IDENTITY_SECRET").getBytes(StandardCharsets.UTF_8);
        long exp = Instant.now().getEpochSecond() + 3600;
        String body = part("{\\"alg\\":\\"HS256\\",\\"typ\\":\\"JWT\\"}") + "."
            + part("{\\"sub\\":\\"" + customerId + "\\",\\"exp\\":" + exp + "}");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return body + "." + encode(mac.doFinal(body.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String part(String json) {
        return encode(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
`,
  },
  {
    name: "Ruby",
    code: `require "base64"
require "json"
require "openssl"

# Read the secret from the environment; it must never be in a page.
def stalk_identity(customer)
  part = ->(data) { Base64.urlsafe_encode64(data, padding: false) }
  body = part.({ alg: "HS256", typ: "JWT" }.to_json) + "." + part.({
    sub: customer[:id].to_s,
    name: customer[:name],
    email: customer[:email],
    exp: Time.now.to_i + 3600,
  }.to_json)
  body + "." + part.(OpenSSL::HMAC.digest("SHA256", ENV.fetch("STALK_IDENTITY_SECRET"), body))
end
`,
  },
] as const;

/** What the page itself says, once the server wrote the token into it. */
export const PAGE_SAMPLE = `<script>
  window.stalk = window.stalk || function () { (stalk.q = stalk.q || []).push(arguments); };
  stalk('identify', 'THE TOKEN FROM YOUR SERVER');
</script>`;

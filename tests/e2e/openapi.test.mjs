// The OpenAPI document is one: programs of others read it. (That answers are as it says, the integration suite checks with every answer.)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { BINARY } from './fixtures/server.mjs';

test('the document of the API is valid OpenAPI 3.1, and every operation is named, sorted and refusable', async () => {
  const document = JSON.parse(execFileSync(BINARY, ['openapi'], { encoding: 'utf8' }));
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  assert.ok(valid, JSON.stringify(errors, null, 1));
  assert.equal(validator.version, '3.1');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, it]) => ({ name: `${method} ${path}`, ...it })));
  assert.ok(operations.length > 50, `${operations.length} operations`);
  assert.equal(new Set(operations.map((it) => it.operationId)).size, operations.length, 'operation ids are unique');
  for (const it of operations) {
    assert.ok(it.operationId && it.summary && it.tags?.length === 1, `${it.name} is named, described and sorted`);
    assert.equal(it.responses.default?.content['application/json'].schema.$ref, '#/components/schemas/Error', `${it.name} says how it refuses`);
  }
  // Every reference leads somewhere; this puts what it leads to in its place, so it comes last.
  validator.resolveRefs();
});

// What the SDK of Anthropic does with a node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { apiKey, idle, model, overlong, url } from './node.mjs';

const client = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const asked = { model, max_tokens: 24, temperature: 0, system: 'You are brief.', messages: [{ role: 'user', content: 'What is Meshwork?' }] };
const place = z.object({ city: z.enum(['Oslo', 'Lima']), days: z.number().int().min(1).max(9) });
const weather = betaZodTool({ name: 'weather', description: 'Tells the weather', inputSchema: place, run: ({ city }) => `rain in ${city}` });
const tools = [{ name: weather.name, description: weather.description, input_schema: weather.input_schema }];
const asking = { ...asked, max_tokens: 200, tools, tool_choice: { type: 'any', disable_parallel_tool_use: true } };

const text = message => message.content.filter(block => block.type === 'text').map(block => block.text).join('');

test('models are listed and found', async () => {
	const ids = [];
	for await (const each of client.models.list())
		ids.push(each.id);
	assert.ok(ids.includes(model));
	const found = await client.models.retrieve(model);
	assert.equal(found.id, model);
	assert.equal(found.type, 'model');
	assert.ok(found.display_name);
	assert.ok(new Date(found.created_at) > 0);
});

test('a message is answered', async () => {
	const { data, request_id } = await client.messages.create(asked).withResponse();
	assert.ok(request_id);
	assert.ok(data.id.startsWith('msg_'));
	assert.equal(data.type, 'message');
	assert.equal(data.role, 'assistant');
	assert.equal(data.model, model);
	assert.ok(text(data).length > 0);
	assert.ok(['end_turn', 'max_tokens'].includes(data.stop_reason));
	assert.equal(data.stop_sequence, null);
	assert.ok(data.usage.input_tokens + data.usage.cache_read_input_tokens > 0);
	assert.ok(data.usage.output_tokens > 0 && data.usage.output_tokens <= 24);
});

test('a stream has the same text as an answer at once', async () => {
	const whole = await client.messages.create(asked);
	const stream = client.messages.stream(asked);
	const events = [];
	const pieces = [];
	stream.on('streamEvent', event => events.push(event.type)).on('text', piece => pieces.push(piece));
	const streamed = await stream.finalMessage();
	assert.equal(pieces.join(''), text(whole));
	assert.deepEqual(streamed.content, whole.content);
	assert.equal(streamed.stop_reason, whole.stop_reason);
	assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
	assert.deepEqual(events.slice(0, 3), ['message_start', 'content_block_start', 'content_block_delta']);
	assert.deepEqual(events.slice(-3), ['content_block_stop', 'message_delta', 'message_stop']);
});

test('what ends an answer is told', async () => {
	const whole = text(await client.messages.create(asked));
	const stop = whole.slice(8, 12);
	const stopped = await client.messages.create({ ...asked, stop_sequences: [stop] });
	assert.equal(stopped.stop_reason, 'stop_sequence');
	assert.equal(stopped.stop_sequence, stop);
	assert.equal(text(stopped), whole.slice(0, whole.indexOf(stop)));
	assert.equal((await client.messages.create({ ...asked, max_tokens: 1 })).stop_reason, 'max_tokens');
});

test('whether to think may be said of a model that does not', async () => {
	for (const thinking of [{ type: 'disabled' }, { type: 'enabled', budget_tokens: 1024 }])
		assert.ok(text(await client.messages.create({ ...asked, max_tokens: 1100, temperature: undefined, thinking })).length > 0);
});

test('an answer has the form that was asked for', async () => {
	const form = z.object({ kind: z.enum(['node', 'relay']), open: z.boolean() });
	const { parsed_output } = await client.messages.parse({ ...asked, max_tokens: 200, output_config: { format: zodOutputFormat(form) } });
	assert.deepEqual(form.parse(parsed_output), parsed_output);
});

test('a tool that has to be called is, and its result is read', async () => {
	for (const tool_choice of [asking.tool_choice, { ...asking.tool_choice, type: 'tool', name: 'weather' }]) {
		const answer = await client.messages.create({ ...asking, tool_choice });
		const [call] = answer.content.filter(block => block.type === 'tool_use');
		assert.equal(answer.stop_reason, 'tool_use');
		assert.equal(call.name, 'weather');
		assert.ok(call.id);
		assert.deepEqual(place.parse(call.input), call.input);
		const next = await client.messages.create({ ...asking, tool_choice: { type: 'none' }, messages: [...asked.messages,
			{ role: 'assistant', content: answer.content },
			{ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'rain' }] }] });
		assert.ok(text(next).length > 0);
	}
});

test('the call of a tool is streamed', async () => {
	const stream = client.messages.stream(asking);
	const pieces = [];
	stream.on('inputJson', piece => pieces.push(piece));
	const streamed = await stream.finalMessage();
	const [call] = streamed.content.filter(block => block.type === 'tool_use');
	assert.equal(streamed.stop_reason, 'tool_use');
	assert.deepEqual(place.parse(JSON.parse(pieces.join(''))), call.input);
	assert.ok(pieces.length > 1);
});

test('the helper that runs tools runs them', async () => {
	const runner = client.beta.messages.toolRunner({ ...asking, tools: [weather], max_iterations: 1 });
	const answer = await runner;
	assert.equal(answer.stop_reason, 'tool_use');
	const result = await runner.generateToolResponse();
	assert.match(JSON.stringify(result.content), /rain in (Oslo|Lima)/);
});

test('the prompt of a message is counted', async () => {
	const { messages, system } = asked;
	const { input_tokens } = await client.messages.countTokens({ model, system, messages });
	const { usage } = await client.messages.create(asked);
	assert.equal(input_tokens, usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens);
	assert.ok((await client.messages.countTokens({ model, system, messages, tools })).input_tokens >= input_tokens);
});

test('a stream is left, and the node is free', async () => {
	const stream = client.messages.stream({ ...asked, max_tokens: 2000, ignore_eos: true });
	stream.on('text', () => stream.abort());
	await assert.rejects(stream.done(), APIUserAbortError);
	await idle();
});

test('errors are read', async () => {
	const refused = (request, kind, type) => assert.rejects(request, error => {
		assert.ok(error instanceof kind, error);
		assert.equal(error.type, type);
		assert.ok(error.requestID);
		return true;
	});
	await refused(client.messages.create({ ...asked, model: 'no-such-model' }), NotFoundError, 'not_found_error');
	await refused(client.models.retrieve('no-such-model'), NotFoundError, 'not_found_error');
	await refused(client.messages.create({ ...asked, max_tokens: undefined }), BadRequestError, 'invalid_request_error');
	await refused(client.messages.create({ ...asked, messages: [] }), BadRequestError, 'invalid_request_error');
	await refused(new Anthropic({ baseURL: url, apiKey: 'wrong', maxRetries: 0 }).messages.create(asked), AuthenticationError, 'authentication_error');
	const long = { ...asked, messages: [{ role: 'user', content: overlong }] };
	for (const stream of [false, true])
		await assert.rejects(client.messages.create({ ...long, stream }), error => error instanceof BadRequestError && /prompt is too long/.test(error.message));
});

// What the official SDK does with a node, at MESHWORK_URL and with the model MESHWORK_MODEL: node --test suite.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from 'openai';

const model = process.env.MESHWORK_MODEL;
const client = new OpenAI({ baseURL: `${process.env.MESHWORK_URL}/v1`, apiKey: 'none', maxRetries: 0 });
const messages = [{ role: 'system', content: 'You are brief.' }, { role: 'user', content: 'What is Meshwork?' }];
const reasons = ['stop', 'length'];

test('models are listed and found', async () => {
	const ids = [];
	for await (const each of client.models.list())
		ids.push(each.id);
	assert.ok(ids.includes(model));
	const found = await client.models.retrieve(model);
	assert.equal(found.id, model);
	assert.equal(found.object, 'model');
	assert.equal(found.owned_by, 'meshwork');
	assert.ok(Number.isInteger(found.created));
});

test('a chat is answered', async () => {
	const { data, request_id } = await client.chat.completions.create({ model, messages, max_tokens: 24, temperature: 0 }).withResponse();
	assert.ok(request_id);
	assert.ok(data.id.startsWith('chatcmpl-'));
	assert.equal(data.object, 'chat.completion');
	assert.equal(data.model, model);
	const [choice] = data.choices;
	assert.equal(choice.message.role, 'assistant');
	assert.ok(choice.message.content.length > 0);
	assert.ok(reasons.includes(choice.finish_reason));
	assert.equal(choice.logprobs, null);
	assert.ok(data.usage.completion_tokens > 0 && data.usage.completion_tokens <= 24);
	assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
});

test('a stream has the same text as an answer at once', async () => {
	const asked = { model, messages, max_tokens: 24, temperature: 0, seed: 1 };
	const whole = await client.chat.completions.create(asked);
	const stream = await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
	let text = '';
	let last;
	let reason;
	const ids = new Set();
	for await (const chunk of stream) {
		ids.add(chunk.id);
		text += chunk.choices[0]?.delta.content ?? '';
		reason ??= chunk.choices[0]?.finish_reason;
		last = chunk;
	}
	assert.equal(text, whole.choices[0].message.content);
	assert.equal(reason, whole.choices[0].finish_reason);
	assert.equal(ids.size, 1);
	assert.deepEqual(last.choices, []);
	assert.equal(last.usage.completion_tokens, whole.usage.completion_tokens);
});

test('the helper that collects a stream is content with it', async () => {
	const runner = client.chat.completions.stream({ model, messages, max_tokens: 8 });
	const final = await runner.finalChatCompletion();
	assert.ok(final.choices[0].message.content.length > 0);
	assert.ok(reasons.includes(final.choices[0].finish_reason));
});

test('several choices and likelihoods are told', async () => {
	const answer = await client.chat.completions.create({ model, messages, max_tokens: 4, n: 2, logprobs: true, top_logprobs: 2 });
	assert.deepEqual(answer.choices.map(choice => choice.index), [0, 1]);
	for (const { token, logprob, bytes, top_logprobs } of answer.choices[0].logprobs.content) {
		assert.equal(typeof token, 'string');
		assert.ok(logprob <= 0);
		assert.ok(bytes.every(byte => byte >= 0 && byte <= 255));
		assert.equal(top_logprobs.length, 2);
	}
});

test('a plain completion is made, at once and streamed', async () => {
	const answer = await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 8 });
	assert.equal(answer.object, 'text_completion');
	assert.ok(answer.choices[0].text.length > 0);
	let text = '';
	for await (const part of await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 8, stream: true }))
		text += part.choices[0].text;
	assert.ok(text.length > 0);
});

test('a stream is cancelled', async () => {
	const stream = await client.chat.completions.create({ model, messages, max_tokens: 400, ignore_eos: true, stream: true });
	for await (const chunk of stream) {
		assert.ok(chunk.id);
		break;
	}
	assert.ok(stream.controller.signal.aborted);
	const abort = new AbortController();
	setTimeout(() => abort.abort(), 20);
	await assert.rejects(client.chat.completions.create({ model, messages, max_tokens: 2000, ignore_eos: true, n: 8 },
			{ signal: abort.signal }), APIUserAbortError);
});

test('a response is made, at once and streamed, kept, gone on from and deleted', async () => {
	const asked = { model, instructions: 'You are brief.', input: 'What is Meshwork?', max_output_tokens: 24, temperature: 0 };
	const whole = await client.responses.create(asked);
	assert.ok(whole.output_text.length > 0);
	assert.ok(['completed', 'incomplete'].includes(whole.status));
	const events = [];
	const stream = client.responses.stream(asked);
	stream.on('event', event => events.push(event.type));
	const streamed = await stream.finalResponse();
	assert.equal(streamed.output_text, whole.output_text);
	assert.deepEqual(streamed.usage.output_tokens, whole.usage.output_tokens);
	assert.deepEqual(events.slice(0, 4),
		['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added']);
	const next = await client.responses.create({ ...asked, input: 'And what is it not?', previous_response_id: whole.id });
	assert.ok(next.usage.input_tokens > whole.usage.input_tokens);
	assert.equal((await client.responses.retrieve(whole.id)).output_text, whole.output_text);
	const items = [];
	for await (const item of client.responses.inputItems.list(whole.id))
		items.push(item);
	assert.equal(items.length, 1);
	await client.responses.delete(whole.id);
	await assert.rejects(client.responses.retrieve(whole.id), NotFoundError);
});

test('errors are read', async () => {
	await assert.rejects(client.chat.completions.create({ model: 'no-such-model', messages }), error => {
		assert.ok(error instanceof NotFoundError);
		assert.equal(error.code, 'model_not_found');
		assert.equal(error.type, 'invalid_request_error');
		assert.ok(error.requestID);
		return true;
	});
	await assert.rejects(client.models.retrieve('no/such model'), NotFoundError);
	await assert.rejects(client.chat.completions.create({ model, messages, temperature: 'hot' }), error => {
		assert.ok(error instanceof BadRequestError);
		assert.equal(error.param, 'temperature');
		return true;
	});
	await assert.rejects(client.chat.completions.create({ model, messages, n: 0 }), error => {
		assert.equal(error.param, 'n');
		return true;
	});
	await assert.rejects(client.chat.completions.create({ model, messages: [] }), BadRequestError);
});

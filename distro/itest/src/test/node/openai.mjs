// What the SDK of OpenAI does with a node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { zodFunction, zodResponseFormat, zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { apiKey, baseURL, idle, model, overlong } from './node.mjs';

const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: 'system', content: 'You are brief.' }, { role: 'user', content: 'What is Meshwork?' }];
const reasons = ['stop', 'length'];
const place = z.object({ city: z.enum(['Oslo', 'Lima']), days: z.number().int().min(1).max(9) });
const weather = zodFunction({ name: 'weather', description: 'Tells the weather', parameters: place, function: ({ city }) => `rain in ${city}` });
const time = zodFunction({ name: 'time', description: 'Tells the time', parameters: z.object({}), function: () => 'noon' });
const facts = z.object({
	name: z.string().max(12),
	kind: z.enum(['node', 'relay']),
	ports: z.array(z.number().int().min(1).max(9)).max(3),
	parent: z.object({ open: z.boolean() }).nullable(),
});

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
		assert.ok(chunk.choices.every(choice => 'finish_reason' in choice));
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

test('what is said has the form that was asked for', async () => {
	const asked = { model, messages, max_tokens: 200, temperature: 0, response_format: zodResponseFormat(facts, 'facts') };
	const [{ message }] = (await client.chat.completions.parse(asked)).choices;
	assert.deepEqual(facts.parse(JSON.parse(message.content)), message.parsed);
	const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
	assert.deepEqual(facts.parse(JSON.parse(streamed.choices[0].message.content)), streamed.choices[0].message.parsed);
	const any = await client.chat.completions.create({ ...asked, response_format: { type: 'json_object' } });
	if (any.choices[0].finish_reason === 'stop')
		assert.equal(typeof JSON.parse(any.choices[0].message.content), 'object');
});

const asking = { model, messages, max_tokens: 200, temperature: 0, tools: [weather, time], parallel_tool_calls: false };
const named = { type: 'function', function: { name: 'weather' } };

test('a tool that has to be called is', async () => {
	for (const tool_choice of ['required', named]) {
		const [choice] = (await client.chat.completions.parse({ ...asking, tool_choice })).choices;
		assert.equal(choice.finish_reason, 'tool_calls');
		assert.equal(choice.message.content, null);
		assert.equal(choice.message.tool_calls.length, 1);
		const [call] = choice.message.tool_calls;
		assert.equal(call.type, 'function');
		assert.ok(call.id);
		assert.equal(typeof call.function.arguments, 'string');
		if (call.function.name === 'weather')
			assert.deepEqual(place.parse(JSON.parse(call.function.arguments)), call.function.parsed_arguments);
		assert.ok(tool_choice === 'required' || call.function.name === 'weather');
	}
	const [choice] = (await client.chat.completions.create({ ...asking, tool_choice: 'none' })).choices;
	assert.ok(choice.message.content.length > 0);
	assert.equal(choice.message.tool_calls, undefined);
});

test('several tools may be called at once, each call with an id of its own', async () => {
	// how many, the model decides
	const { choices } = await client.chat.completions.create({ ...asking, tool_choice: 'required', parallel_tool_calls: true, temperature: 1, n: 4 });
	for (const choice of choices) {
		const ids = choice.message.tool_calls.map(call => call.id);
		assert.ok(ids.length > 0);
		assert.equal(new Set(ids).size, ids.length);
		for (const { function: { name, arguments: given } } of choice.message.tool_calls) {
			assert.ok(['weather', 'time'].includes(name));
			assert.ok(choice.finish_reason === 'length' || JSON.parse(given));
		}
	}
});

test('the call of a tool is streamed', async () => {
	const asked = { ...asking, tool_choice: named };
	const deltas = [];
	let reason;
	for await (const { choices: [choice] } of await client.chat.completions.create({ ...asked, stream: true })) {
		assert.ok('finish_reason' in choice);
		reason = choice.finish_reason;
		deltas.push(...choice.delta.tool_calls ?? []);
	}
	assert.equal(reason, 'tool_calls');
	assert.ok(deltas[0].id);
	assert.equal(deltas[0].type, 'function');
	assert.equal(deltas[0].function.name, 'weather');
	place.parse(JSON.parse(deltas.filter(delta => delta.index === 0).map(delta => delta.function.arguments ?? '').join('')));

	const runner = client.chat.completions.stream(asked);
	const pieces = [];
	runner.on('tool_calls.function.arguments.delta', ({ arguments_delta }) => pieces.push(arguments_delta));
	const [final] = (await runner.finalChatCompletion()).choices;
	assert.equal(final.message.tool_calls[0].function.arguments, pieces.join(''));
	assert.deepEqual(place.parse(JSON.parse(pieces.join(''))), final.message.tool_calls[0].function.parsed_arguments);
});

test('the helper that runs tools runs them', async () => {
	for (const stream of [false, true]) {
		const runner = client.chat.completions.runTools({ ...asking, tool_choice: named, stream });
		await runner.done();
		const [call, result] = runner.messages.slice(-2);
		assert.equal(result.role, 'tool');
		assert.equal(result.tool_call_id, call.tool_calls[0].id);
		assert.match(result.content, /^rain in (Oslo|Lima)$/);
		const next = await client.chat.completions.create({ ...asking, messages: runner.messages, tool_choice: 'none' });
		assert.ok(next.choices[0].message.content.length > 0);
	}
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
	await idle();
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
	assert.equal(whole.usage.input_tokens_details.cached_tokens >= 0, true);
	assert.equal(whole.usage.output_tokens_details.reasoning_tokens, 0);
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

test('a response has the form that was asked for', async () => {
	const asked = { model, input: 'What is Meshwork?', max_output_tokens: 200, temperature: 0, text: { format: zodTextFormat(facts, 'facts') } };
	const { output_parsed, output_text } = await client.responses.parse(asked);
	assert.deepEqual(facts.parse(JSON.parse(output_text)), output_parsed);
	const streamed = await client.responses.stream(asked).finalResponse();
	assert.deepEqual(facts.parse(JSON.parse(streamed.output_text)), streamed.output_parsed);
});

test('a response calls a tool and reads its result', async () => {
	const tools = [zodResponsesFunction({ name: 'weather', description: 'Tells the weather', parameters: place })];
	const asked = { model, input: 'How is the weather?', max_output_tokens: 200, temperature: 0, tools, parallel_tool_calls: false,
		tool_choice: { type: 'function', name: 'weather' } };
	const whole = await client.responses.parse(asked);
	const call = whole.output.find(item => item.type === 'function_call');
	assert.equal(whole.status, 'completed');
	assert.ok(call.call_id);
	assert.equal(call.name, 'weather');
	assert.deepEqual(place.parse(JSON.parse(call.arguments)), call.parsed_arguments);

	const stream = client.responses.stream(asked);
	const pieces = [];
	stream.on('response.function_call_arguments.delta', ({ delta }) => pieces.push(delta));
	const streamed = (await stream.finalResponse()).output.find(item => item.type === 'function_call');
	assert.equal(pieces.join(''), streamed.arguments);
	place.parse(JSON.parse(streamed.arguments));

	const next = await client.responses.create({
		...asked,
		tool_choice: 'none',
		previous_response_id: whole.id,
		input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
	});
	assert.ok(next.output_text.length > 0);
});

test('a response in the background is followed, cancelled and counted', async () => {
	const asked = { model, input: 'What is Meshwork?', max_output_tokens: 1500, ignore_eos: true, background: true };
	const begun = await client.responses.create(asked);
	assert.ok(['queued', 'in_progress'].includes(begun.status));
	assert.equal((await client.responses.cancel(begun.id)).status, 'cancelled');
	assert.equal((await client.responses.retrieve(begun.id)).status, 'cancelled');
	await idle();

	let last;
	for await (const event of await client.responses.create({ ...asked, stream: true })) {
		last = event;
		if (event.type === 'response.in_progress')
			break;
	}
	const { id } = last.response;
	let cancelled;
	for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: last.sequence_number })) {
		assert.equal(event.sequence_number, last.sequence_number + 1);
		last = event;
		if (event.type === 'response.output_text.delta')
			cancelled ??= client.responses.cancel(id);
	}
	assert.equal((await cancelled).status, 'cancelled');
	await idle();
	const { input_tokens } = await client.responses.inputTokens.count({ model, input: 'What is Meshwork?' });
	assert.equal((await client.responses.create({ ...asked, background: false, max_output_tokens: 1 })).usage.input_tokens, input_tokens);
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
	const wrong = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
	await assert.rejects(wrong.models.list(), error => {
		assert.ok(error instanceof AuthenticationError);
		assert.equal(error.code, 'invalid_api_key');
		return true;
	});
});

test('what is too long for the context is refused before anything is streamed', async () => {
	const tooLong = error => {
		assert.ok(error instanceof BadRequestError);
		assert.equal(error.code, 'context_length_exceeded');
		return true;
	};
	for (const stream of [false, true]) {
		await assert.rejects(client.chat.completions.create({ model, messages: [{ role: 'user', content: overlong }], stream }), tooLong);
		await assert.rejects(client.completions.create({ model, prompt: overlong, stream }), tooLong);
		await assert.rejects(client.responses.create({ model, input: overlong, stream }), tooLong);
	}
});

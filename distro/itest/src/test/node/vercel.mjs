// What the AI SDK of Vercel does with a node, through each of its APIs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, Output, embed, embedMany, generateText, isStepCount, streamText, tool } from 'ai';
import { z } from 'zod';
import { apiKey, baseURL, idle, model, overlong } from './node.mjs';

const providers = key => {
	const settings = { baseURL, apiKey: key };
	const openai = createOpenAI(settings);
	const compatible = createOpenAICompatible({ ...settings, name: 'meshwork', includeUsage: true, supportsStructuredOutputs: true });
	return {
		'chat completions': openai.chat,
		'chat completions of a compatible server': compatible.chatModel,
		responses: openai.responses,
		messages: createAnthropic(settings),
	};
};
const question = { instructions: 'You are brief.', prompt: 'What is Meshwork?', temperature: 0, maxOutputTokens: 24, maxRetries: 0 };
const city = z.object({ city: z.enum(['Oslo', 'Lima']), days: z.number().int().min(1).max(9) });
const weather = tool({ description: 'Tells the weather', inputSchema: city, execute: async ({ city, days }) => `${days} days of rain in ${city}` });
const oneCall = { openai: { parallelToolCalls: false }, meshwork: { parallel_tool_calls: false }, anthropic: { disableParallelToolUse: true } };
const time = tool({ description: 'Tells the time', inputSchema: z.object({}), execute: async () => 'noon' });

async function parts(stream) {
	const all = [];
	for await (const part of stream)
		all.push(part);
	const failed = all.find(part => part.type === 'error');
	assert.ifError(failed?.error);
	return all;
}

for (const [api, of] of Object.entries(providers(apiKey)))
	describe(api, () => {
		const asked = { ...question, model: of(model) };

		test('a text is made', async () => {
			const { text, finishReason, usage, response, warnings } = await generateText(asked);
			assert.ok(text.length > 0);
			assert.ok(['stop', 'length'].includes(finishReason));
			assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0 && usage.outputTokens <= 24);
			assert.equal(response.modelId, model);
			assert.deepEqual(warnings ?? [], []);
		});

		test('a stream has the same text as one at once', async () => {
			const whole = await generateText(asked);
			const streamed = streamText(asked);
			const all = await parts(streamed.stream);
			assert.ok(all.filter(part => part.type === 'text-delta').length > 1);
			assert.equal(await streamed.text, whole.text);
			assert.equal(await streamed.finishReason, whole.finishReason);
			assert.equal((await streamed.usage).outputTokens, whole.usage.outputTokens);
		});

		test('a conversation goes on', async () => {
			const { text } = await generateText({ ...asked, prompt: undefined, messages: [
				{ role: 'user', content: 'What is Meshwork?' },
				{ role: 'assistant', content: 'One endpoint.' },
				{ role: 'user', content: [{ type: 'text', text: 'How does it start?' }] },
			] });
			assert.ok(text.length > 0);
		});

		test('what is made has the form that was asked for', async () => {
			const schema = z.object({
				name: z.string().max(12),
				kind: z.enum(['node', 'relay']),
				ports: z.array(z.number().int().min(1).max(9)).max(3),
				open: z.boolean(),
			});
			const form = { ...asked, maxOutputTokens: 200, output: Output.object({ schema }) };
			const { output } = await generateText(form);
			assert.deepEqual(schema.parse(output), output);
			const streamed = streamText(form);
			const partial = [];
			for await (const each of streamed.partialOutputStream)
				partial.push(each);
			assert.deepEqual(schema.parse(await streamed.output), partial.at(-1));
			assert.ok(['node', 'relay'].includes((await generateText({ ...form, output: Output.choice({ options: ['node', 'relay'] }) })).output));
		});

		test('a tool that has to be called is, and its result is read', async () => {
			const { steps, text } = await generateText({
				...asked,
				maxOutputTokens: 200,
				tools: { weather, time },
				toolChoice: { type: 'tool', toolName: 'weather' },
				providerOptions: oneCall,
				stopWhen: isStepCount(2),
				prepareStep: ({ stepNumber }) => stepNumber === 0 ? {} : { toolChoice: 'none' },
			});
			const [call] = steps[0].toolCalls;
			assert.equal(steps[0].finishReason, 'tool-calls');
			assert.equal(call.toolName, 'weather');
			assert.ok(call.toolCallId);
			assert.deepEqual(city.parse(call.input), call.input);
			assert.equal(steps[0].toolResults[0].output, `${call.input.days} days of rain in ${call.input.city}`);
			assert.equal(steps.length, 2);
			assert.ok(text.length > 0);
		});

		test('the call of a tool is streamed in pieces', async () => {
			const streamed = streamText({ ...asked, maxOutputTokens: 200, tools: { weather }, toolChoice: 'required', providerOptions: oneCall });
			const all = await parts(streamed.stream);
			const [call] = await streamed.toolCalls;
			assert.equal(await streamed.finishReason, 'tool-calls');
			assert.equal(all.find(part => part.type === 'tool-input-start').toolName, 'weather');
			const pieces = all.filter(part => part.type === 'tool-input-delta' && part.id === call.toolCallId).map(part => part.delta);
			assert.deepEqual(JSON.parse(pieces.join('')), call.input);
			assert.ok(pieces.length > 1);
		});

		test('a stream is left, and the node is free', async () => {
			const abort = new AbortController();
			const streamed = streamText({ ...asked, maxOutputTokens: 2000, prompt: 'What is Meshwork?', temperature: 1, abortSignal: abort.signal });
			let aborted = false;
			for await (const part of streamed.stream) {
				if (part.type === 'text-delta')
					abort.abort();
				aborted ||= part.type === 'abort';
			}
			assert.ok(aborted);
			await idle();
		});

		test('errors are read', async () => {
			const refused = (status, changed) => assert.rejects(generateText({ ...asked, ...changed }), error => {
				assert.ok(APICallError.isInstance(error), error);
				assert.equal(error.statusCode, status);
				assert.ok(!error.isRetryable);
				assert.ok(error.message.length > 10, error.message);
				return true;
			});
			await refused(404, { model: of('no-such-model') });
			await refused(400, { prompt: overlong });
			await refused(401, { model: providers('wrong')[api](model) });
		});
	});

// The node that the suites talk to: MESHWORK_URL, MESHWORK_KEY and, of its models, MESHWORK_MODEL.
import assert from 'node:assert/strict';

export const url = process.env.MESHWORK_URL;
export const baseURL = `${url}/v1`;
export const apiKey = process.env.MESHWORK_KEY;
export const model = process.env.MESHWORK_MODEL;

/** Words of which there are too many for the model's context. */
export const overlong = 'many words '.repeat(4000);

/** Waits until the node computes nothing for anybody, and nobody waits for it. */
export async function idle() {
	for (let tries = 0; tries < 600; tries++) {
		const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${apiKey}` } })).text();
		const busy = [...metrics.matchAll(/^llamacpp:requests_(?:processing|deferred)\{.*\} (\S+)$/gm)].map(([, requests]) => Number(requests));
		assert.ok(busy.length >= 2, metrics);
		if (busy.every(requests => requests === 0))
			return;
		await new Promise(resolve => setTimeout(resolve, 50));
	}
	assert.fail('somebody still waits for the node');
}

package meshwork.engine.llama;

import java.util.ArrayList;
import java.util.List;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.engine.Session;
import meshwork.api.engine.TokenLikelihood.Candidate;

/** The likeliest continuation, token by token, and by how much each was the likeliest. */
record Greedy(List<Integer> tokens, List<Float> margins) {

	/** Where two tokens are as close as this, rounding decides, and that may differ with the size of a batch. */
	static final float TIE = 1e-3f;

	/** Continues a sequence that is empty. */
	static Greedy of(Session session, int sequence, int[] prompt, int count) {
		prefill(session, sequence, prompt);
		return on(session, sequence, prompt[prompt.length - 1], prompt.length - 1, count);
	}

	/** Puts all of a prompt but its last token into a sequence. */
	static void prefill(Session session, int sequence, int[] prompt) {
		Batch batch = session.batch();
		batch.clear();
		for (int i = 0; i < prompt.length - 1; i++) {
			batch.add(prompt[i], i, sequence);
			if (batch.size() == batch.capacity() || i == prompt.length - 2) {
				session.decode();
				batch.clear();
			}
		}
	}

	/** Continues a sequence after a token at a position. */
	static Greedy on(Session session, int sequence, int token, int position, int count) {
		var greedy = new Greedy(new ArrayList<>(), new ArrayList<>());
		Batch batch = session.batch();
		try (Sampler sampler = session.sampler(SamplerOptions.GREEDY)) {
			for (int i = 0; i < count; i++) {
				batch.clear();
				int row = batch.add(token, position + i, sequence);
				batch.sample(row, sampler);
				session.decode();
				token = batch.token(row, 0);
				greedy.tokens.add(token);
				greedy.margins.add(margin(session, row));
			}
		}
		return greedy;
	}

	/** How far the likeliest token is ahead of the next. */
	static float margin(Session session, int row) {
		List<Candidate> best = session.likelihood(row, 0, 2).top();
		return best.get(0).logprob() - best.get(1).logprob();
	}

	/** Whether another continuation is the same, or parts from this one where two tokens were as good as equal. */
	boolean agrees(List<Integer> others) {
		for (int i = 0; i < tokens.size(); i++)
			if (!tokens.get(i).equals(others.get(i)))
				return margins.get(i) < TIE;
		return true;
	}
}

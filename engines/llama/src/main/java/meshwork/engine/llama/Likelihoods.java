package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.TokenLikelihood.Candidate;

/** Turns logits into logarithms of probabilities (log-softmax). */
final class Likelihoods {

	private final int vocabulary;

	Likelihoods(int vocabulary) {
		this.vocabulary = vocabulary;
	}

	/** How likely a token is by these logits, and the likeliest, by falling logit and rising token. */
	TokenLikelihood of(MemorySegment logits, int token, int top) {
		Objects.checkIndex(token, vocabulary);
		if (top < 0)
			throw new IllegalArgumentException("the " + top + " likeliest tokens");
		int[] likeliest = new int[Math.min(top, vocabulary)];
		int found = 0;
		float max = Float.NEGATIVE_INFINITY;
		for (int i = 0; i < vocabulary; i++) {
			float logit = logit(logits, i);
			max = Math.max(max, logit);
			if (found < likeliest.length)
				insert(logits, likeliest, found++, i);
			else if (found > 0 && logit > logit(logits, likeliest[found - 1]))
				insert(logits, likeliest, found - 1, i);
		}
		double sum = 0;
		for (int i = 0; i < vocabulary; i++)
			sum += Math.exp(logit(logits, i) - max);
		double norm = max + Math.log(sum);
		List<Candidate> candidates = new ArrayList<>(found);
		for (int i = 0; i < found; i++)
			candidates.add(new Candidate(likeliest[i], (float) (logit(logits, likeliest[i]) - norm)));
		return new TokenLikelihood(token, (float) (logit(logits, token) - norm), candidates);
	}

	/** Puts a token in its place among the likeliest, of which the one at {@code last} gives way. */
	private static void insert(MemorySegment logits, int[] likeliest, int last, int token) {
		float logit = logit(logits, token);
		int place = last;
		while (place > 0 && logit > logit(logits, likeliest[place - 1])) {
			likeliest[place] = likeliest[place - 1];
			place--;
		}
		likeliest[place] = token;
	}

	private static float logit(MemorySegment logits, int token) {
		return logits.getAtIndex(JAVA_FLOAT, token);
	}
}

package meshwork.api.engine;

import java.util.List;

/**
 * How likely a model held a token to be next.
 *
 * @param token the token
 * @param logprob natural logarithm of its probability
 * @param top the likeliest tokens at that place, likeliest first
 */
public record TokenLikelihood(int token, float logprob, List<Candidate> top) {

	public TokenLikelihood {
		top = List.copyOf(top);
	}

	/** A token that could have been next. */
	public record Candidate(int token, float logprob) {
	}
}

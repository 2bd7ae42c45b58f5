package meshwork.api.inference;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import meshwork.api.engine.SamplerOptions;

/**
 * A request for text.
 *
 * @param id names the request in logs
 * @param caller who asks, so that callers share fairly; empty when nobody is known
 * @param model which model, by its id
 * @param prompt what to continue
 * @param sampling how tokens are picked; choice {@code i} draws with {@code seed + i}
 * @param maxTokens most tokens of one choice; empty for as many as the context has room for
 * @param stops texts at which a choice ends; they are not part of it
 * @param choices how many continuations, at least one
 * @param likelihoods how many alternatives to name beside each token; empty for no likelihoods at all
 * @param ignoreEnd go on after the model's end token
 * @param deadline how long it may take in all
 * @param remembered use what is known of earlier prompts, and keep what becomes known of this one
 */
public record GenerationRequest(String id, String caller, String model, Prompt prompt, SamplerOptions sampling,
		Optional<Integer> maxTokens, List<String> stops, int choices, Optional<Integer> likelihoods, boolean ignoreEnd,
		Optional<Duration> deadline, boolean remembered) {

	public GenerationRequest {
		stops = List.copyOf(stops);
	}

	/** A request for one continuation, as long as the model likes. */
	public static GenerationRequest of(String id, String model, Prompt prompt, SamplerOptions sampling) {
		return new GenerationRequest(id, "", model, prompt, sampling, Optional.empty(), List.of(), 1, Optional.empty(), false,
				Optional.empty(), true);
	}

	/** The same, with at most so many tokens. */
	public GenerationRequest withMaxTokens(int most) {
		return new GenerationRequest(id, caller, model, prompt, sampling, Optional.of(most), stops, choices, likelihoods, ignoreEnd,
				deadline, remembered);
	}
}

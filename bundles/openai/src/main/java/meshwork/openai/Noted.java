package meshwork.openai;

import java.util.Locale;

import org.eclipse.jetty.server.Request;

import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.InferenceException;

/** A generation of which the line in the log tells: the model, how many tokens, how it ended; never what was said. */
record Noted(Generation generation, Request request) implements Generation {

	/** What handlers note of a request begins so. */
	private static final String NOTE = "http.note.";

	static Noted of(Generation generation, Request request, String model) {
		note(request, "model", model);
		return new Noted(generation, request);
	}

	static void note(Request request, String name, Object value) {
		request.setAttribute(NOTE + name, value);
	}

	@Override
	public GenerationEvent next() throws InterruptedException {
		try {
			GenerationEvent event = generation.next();
			switch (event) {
				case GenerationEvent.Finished finished -> note(request, "finish", finished.reason().name().toLowerCase(Locale.ROOT));
				case GenerationEvent.Done(GenerationEvent.Usage usage, _) -> {
					add("prompt_tokens", usage.promptTokens());
					add("cached_tokens", usage.cachedTokens());
					add("completion_tokens", usage.completionTokens());
				}
				default -> {
				}
			}
			return event;
		} catch (InferenceException e) {
			note(request, "failed", true);
			throw e;
		}
	}

	/** Several generations may answer one request. */
	private void add(String name, int count) {
		note(request, name, count + (request.getAttribute(NOTE + name) instanceof Integer before ? before : 0));
	}

	@Override
	public void close() {
		generation.close();
	}
}

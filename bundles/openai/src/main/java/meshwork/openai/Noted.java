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

	/** Attribute of a request: how many of its generations have not ended. */
	private static final String RUNNING = "openai.running";

	static Noted of(Generation generation, Request request, String model) {
		note(request, "model", model);
		add(request, RUNNING, 1);
		return new Noted(generation, request);
	}

	static void note(Request request, String name, Object value) {
		request.setAttribute(NOTE + name, value);
	}

	/** The client went away; one that has its whole answer may. */
	static void gone(Request request) {
		if (request.getAttribute(RUNNING) instanceof Integer running && running > 0)
			note(request, "cancelled", true);
	}

	@Override
	public GenerationEvent next() throws InterruptedException {
		try {
			GenerationEvent event = generation.next();
			switch (event) {
				case GenerationEvent.Finished finished -> note(request, "finish", finished.reason().name().toLowerCase(Locale.ROOT));
				case GenerationEvent.Done(GenerationEvent.Usage usage, _) -> {
					add(request, RUNNING, -1);
					add(request, NOTE + "prompt_tokens", usage.promptTokens());
					add(request, NOTE + "cached_tokens", usage.cachedTokens());
					add(request, NOTE + "completion_tokens", usage.completionTokens());
				}
				default -> {
				}
			}
			return event;
		} catch (InferenceException e) {
			add(request, RUNNING, -1);
			if (request.getAttribute(NOTE + "cancelled") == null)
				note(request, "failed", true);
			throw e;
		}
	}

	/** Several generations may answer one request. */
	private static void add(Request request, String name, int count) {
		request.setAttribute(name, count + (request.getAttribute(name) instanceof Integer before ? before : 0));
	}

	@Override
	public void close() {
		generation.close();
	}
}

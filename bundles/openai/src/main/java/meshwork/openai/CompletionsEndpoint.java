package meshwork.openai;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;

/** {@code POST /v1/completions}. */
@Component(service = Handler.class, property = "http.path=/v1/completions")
public final class CompletionsEndpoint extends Endpoint {

	private static final int MOST_PROMPTS = 128;

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;
	private final Texts texts;

	@Activate
	public CompletionsEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars, @Reference Texts texts) {
		super("POST");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
		this.texts = texts;
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		List<Prompt> begun = Prompts.read(fields, "prompt", MOST_PROMPTS);
		List<Prompt> prompts = fields.text("suffix").filter(suffix -> !suffix.isEmpty())
				.map(suffix -> begun.stream().map(text -> gap(fields, text, suffix)).toList()).orElse(begun);
		Optional<Integer> logprobs = fields.integer("logprobs", 0, 20);
		boolean echo = fields.flag("echo").orElse(false);
		Wish wish = Wish.read(exchange, fields, prompts.getFirst(), logprobs, OutputForm.read(fields, grammars), texts);
		refuseWhatIsNotThere(fields, wish.request().choices(), echo, logprobs.isPresent());
		List<GenerationRequest> requests = prompts.stream().map(wish::with).toList();
		var wording = new CompletionWording(Heading.of("cmpl-", wish.request().model(), models), logprobs.isPresent(), wish.usage(),
				echo ? echoes(fields, begun, wish.request().choices()) : List.of());
		new Narrator(exchange, wording, "prompt").tell(inference, requests, wish.stream(), wish.usage());
	}

	/** What would silently change the answer if it were ignored. */
	private static void refuseWhatIsNotThere(Fields fields, int choices, boolean echo, boolean logprobs) {
		if (fields.integer("best_of", 1, Integer.MAX_VALUE).filter(best -> best > choices).isPresent())
			throw fields.unsupported("best_of", "is not supported beyond n: ask for n choices and take the best");
		if (echo && logprobs)
			throw fields.unsupported("echo", "is not supported together with logprobs: the prompt's likelihoods are not kept");
	}

	private static Prompt gap(Fields fields, Prompt begun, String suffix) {
		if (!(begun instanceof Prompt.Text(String text)))
			throw fields.unsupported("suffix", "is not supported for prompts of tokens");
		return new Prompt.Gap(text, suffix, "", List.of());
	}

	private static List<String> echoes(Fields fields, List<Prompt> prompts, int choices) {
		var echoes = new ArrayList<String>();
		for (Prompt prompt : prompts) {
			if (!(prompt instanceof Prompt.Text(String text)))
				throw fields.unsupported("echo", "is not supported for prompts of tokens");
			echoes.addAll(Collections.nCopies(choices, text));
		}
		return echoes;
	}
}

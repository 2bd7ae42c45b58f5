package meshwork.openai;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Inference;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;

/** llama-server's own {@code POST /completion}, and {@code POST /infill}, by which editors fill gaps. */
@Component(service = Handler.class, property = { "http.path=/completion", "http.path=/completions", "http.path=/infill" })
public final class NativeCompletionsEndpoint extends Endpoint {

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;
	private final Texts texts;

	@Activate
	public NativeCompletionsEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars, @Reference Texts texts) {
		super("POST");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
		this.texts = texts;
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		String model = Addressee.of(exchange, fields, models).id();
		boolean gap = Request.getPathInContext(exchange.request()).equals("/infill");
		List<int[]> tokens = gap ? List.of() : NativePrompts.read(fields, model, texts);
		List<Prompt> prompts = gap ? List.of(gap(fields)) : tokens.stream().<Prompt>map(Prompt.Tokens::new).toList();
		List<Optional<String>> told = gap ? List.of(Optional.empty())
				: tokens.stream().map(each -> Optional.of(NativePrompts.text(each, model, texts))).toList();
		new NativeNarrator(exchange, NativeWish.read(exchange, fields, model, prompts, grammars, texts)).tell(inference, prompts, told);
	}

	private static Prompt gap(Fields fields) {
		fields.required("input_prefix");
		fields.required("input_suffix");
		return new Prompt.Gap(fields.text("input_prefix").orElseThrow(), fields.text("input_suffix").orElseThrow(), fields.text("prompt").orElse(""),
				fields.objects("input_extra").stream().map(extra -> new Prompt.Gap.Extra(extra.text("filename").orElse("tmp"),
						extra.text("text").orElseThrow(() -> Refusal.missing(extra.name("text"))))).toList());
	}
}

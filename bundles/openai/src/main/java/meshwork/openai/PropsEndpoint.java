package meshwork.openai;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.Texts;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /props}: what a client of llama-server looks at before it asks for anything. */
@Component(service = Handler.class, property = "http.path=/props")
public final class PropsEndpoint extends Endpoint {

	private final Models models;
	private final Texts texts;

	@Activate
	public PropsEndpoint(@Reference Models models, @Reference Texts texts) {
		super("GET", "HEAD");
		this.models = models;
		this.texts = texts;
	}

	record Props(Settings defaultGenerationSettings, int totalSlots, String modelAlias, String modelPath, Modalities modalities,
			boolean endpointSlots, boolean endpointProps, String chatTemplate, String bosToken, String eosToken, String buildInfo, boolean isSleeping) {
	}

	/** @param nCtx tokens that one sequence can have */
	record Settings(ObjectNode params, int nCtx) {
	}

	record Modalities(boolean vision, boolean audio) {
	}

	@Override
	void answer(Exchange exchange) {
		ServedModel model = Addressee.of(exchange, models);
		ServedModel.Facts facts = model.facts().orElseThrow(() -> Refusal.unavailable("the model '%s' is loading".formatted(model.id())));
		exchange.answer(200, new Props(new Settings(NativeDefaults.settings(), facts.context()), facts.parallel(), model.id(),
				model.settings().file().toString(), new Modalities(false, false), true, false, texts.template(model.id()), texts.begin(model.id()),
				texts.end(model.id()), facts.engine(), false));
	}
}

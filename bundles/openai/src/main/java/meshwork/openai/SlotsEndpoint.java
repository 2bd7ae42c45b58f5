package meshwork.openai;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.eclipse.jetty.server.Handler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

import meshwork.api.inference.Activity;
import meshwork.api.inference.Activity.Running;
import meshwork.api.inference.Models;
import meshwork.api.inference.ServedModel;

/** {@code GET /slots}: what is decoded just now, place by place; slots can't be saved and restored by name. */
@Component(service = Handler.class, property = { "http.path=/slots", "http.path=/slots/*" })
public final class SlotsEndpoint extends Endpoint {

	private final Models models;

	@Activate
	public SlotsEndpoint(@Reference Models models) {
		super("GET", "HEAD", "POST");
		this.models = models;
	}

	/** A place; what is decoded there is told only while it is. */
	@JsonInclude(Include.NON_ABSENT)
	record Slot(int id, int nCtx, boolean isProcessing, Optional<String> request, Optional<Integer> nPromptTokens,
			Optional<Integer> nPromptTokensProcessed, Optional<Integer> nPromptTokensCache, Optional<List<Next>> nextToken) {

		static Slot of(int place, int context, Optional<Running> running) {
			return new Slot(place, context, running.isPresent(), running.map(Running::request), running.map(Running::promptTokens),
					running.map(now -> Math.max(0, now.readTokens() - now.cachedTokens())), running.map(Running::cachedTokens),
					running.map(now -> List.of(new Next(true, now.generatedTokens()))));
		}
	}

	record Next(boolean hasNextToken, int nDecoded) {
	}

	@Override
	void answer(Exchange exchange) {
		if (exchange.request().getMethod().equals("POST"))
			throw Refusal.notThere("slots are not saved, restored or erased by name: the prefix cache keeps what was read and finds it by itself,"
					+ " over a restart too if 'cacheFolder' of meshwork.runtime is set");
		ServedModel model = Addressee.of(exchange, models);
		Activity activity = models.activity().stream().filter(each -> each.model().equals(model.id())).findFirst()
				.orElseThrow(() -> Refusal.unavailable("the model '%s' is loading".formatted(model.id())));
		if (exchange.query("fail_on_no_slot").isPresent() && activity.running().size() >= activity.places())
			throw Refusal.unavailable("all %d slots of '%s' are in use, and %d requests wait".formatted(activity.places(), model.id(), activity.waiting()));
		int context = model.facts().map(ServedModel.Facts::context).orElse(0);
		exchange.answer(200, IntStream.range(0, activity.places()).mapToObj(place -> Slot.of(place, context,
				activity.running().stream().filter(running -> running.place() == place).findFirst())).toList());
	}
}

package meshwork.openai;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import meshwork.api.chat.Grammars;
import meshwork.api.inference.Generation;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Texts;
import meshwork.openai.Archive.Kept;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/responses}: makes responses, keeps them for those who asked for them, and goes on from there. */
@Component(service = Handler.class, configurationPid = "meshwork.openai.responses", property = { "http.path=/v1/responses", "http.path=/v1/responses/*",
		"http.path=/responses", "http.path=/responses/*" })
@Designate(ocd = ResponsesEndpoint.Config.class)
public final class ResponsesEndpoint extends Endpoint {

	@ObjectClassDefinition(name = "Responses")
	@interface Config {

		@AttributeDefinition(description = "Responses that are kept; the one that was not used for the longest goes first")
		int kept() default 1000;

		@AttributeDefinition(description = "Bytes that the responses which are kept may have")
		long keptBytes() default 64 << 20;
	}

	private static final String BELOW = "/responses";
	private static final Map<String, String> PLACES = Map.of("", "POST, OPTIONS", "/input_tokens", "POST, OPTIONS", "/*", "GET, DELETE, OPTIONS", "/*/cancel",
			"POST, OPTIONS", "/*/input_items", "GET, OPTIONS");

	private final Inference inference;
	private final Models models;
	private final Grammars grammars;
	private final Texts texts;
	private final Archive archive;
	private final Map<String, Detached> running = new ConcurrentHashMap<>();

	@Activate
	public ResponsesEndpoint(@Reference Inference inference, @Reference Models models, @Reference Grammars grammars, @Reference Texts texts,
			Config config) {
		this(inference, models, grammars, texts, new Archive(config.kept(), config.keptBytes()));
	}

	ResponsesEndpoint(Inference inference, Models models, Grammars grammars, Texts texts, Archive archive) {
		super("GET", "POST", "DELETE");
		this.inference = inference;
		this.models = models;
		this.grammars = grammars;
		this.texts = texts;
		this.archive = archive;
	}

	@Deactivate
	void abandon() {
		running.values().forEach(Detached::abandon);
	}

	@Override
	void answer(Exchange exchange) throws IOException, InterruptedException {
		String path = Request.getPathInContext(exchange.request());
		List<String> names = List.of(path.substring(path.indexOf(BELOW) + BELOW.length()).split("/", -1));
		String id = names.size() > 1 ? names.get(1) : "";
		boolean one = !id.isEmpty() && !id.equals("input_tokens");
		String place = one ? String.join("/", Stream.concat(Stream.of("", "*"), names.stream().skip(2)).toList()) : String.join("/", names);
		switch (exchange.request().getMethod() + " " + place) {
			case "POST " -> create(exchange);
			case "POST /input_tokens" -> count(exchange);
			case "GET /*" -> retrieve(exchange, id);
			case "DELETE /*" -> delete(exchange, id);
			case "POST /*/cancel" -> cancel(exchange, id);
			case "GET /*/input_items" -> input(exchange, id);
			default -> {
				if (!PLACES.containsKey(place))
					throw Refusal.unknown("there is nothing at %s".formatted(path));
				refuseMethod(exchange, PLACES.get(place));
			}
		}
	}

	private void create(Exchange exchange) throws IOException, InterruptedException {
		Fields fields = exchange.body();
		var wish = ResponseWish.read(exchange, fields, archive, grammars, texts);
		var reply = Reply.of(fields, Heading.of("resp_", wish.wish().request().model(), models));
		Generation generation = wish.begin(inference);
		ResponseNarrator.Keeper keeper = response -> {
			if (wish.store())
				archive.keep(reply.id(), Kept.of(exchange.caller(), response, wish.given()));
		};
		if (wish.background()) {
			Noted.note(exchange.request(), "model", reply.model());
			detach(exchange, new Detached(exchange.caller(), reply, generation, wish.wish().stream(), keeper), reply.id());
		} else {
			tell(exchange, reply, Noted.of(generation, exchange.request(), reply.model()), keeper, wish.wish().stream());
		}
	}

	private void tell(Exchange exchange, Reply reply, Generation generation, ResponseNarrator.Keeper keeper, boolean stream)
			throws IOException, InterruptedException {
		try (generation) {
			exchange.whenGone(generation::close);
			if (stream)
				live(new EventStream(exchange), reply, generation, keeper);
			else
				exchange.answer(200, new ResponseNarrator(reply, keeper, ResponseNarrator.Listener.NONE).tell(generation));
		} catch (InferenceException e) {
			throw Refusal.of(e, "input");
		}
	}

	private static void live(EventStream events, Reply reply, Generation generation, ResponseNarrator.Keeper keeper)
			throws IOException, InterruptedException {
		var narrator = new ResponseNarrator(reply, keeper, events::send);
		try {
			narrator.tell(generation);
		} catch (InferenceException e) {
			if (!events.begun())
				throw e;
			narrator.failed(e.getMessage());
		}
		events.end();
	}

	private void detach(Exchange exchange, Detached response, String id) throws IOException, InterruptedException {
		ObjectNode queued = response.latest();
		running.put(id, response);
		Thread.ofVirtual().name(id).start(() -> {
			try {
				response.make();
			} finally {
				running.remove(id);
			}
		});
		if (response.isFollowed())
			response.follow(new EventStream(exchange), -1);
		else
			exchange.answer(200, queued);
	}

	private void count(Exchange exchange) throws IOException {
		Fields fields = exchange.body();
		Prompt prompt = ResponseWish.prompt(exchange, fields, ResponseWish.given(exchange, fields, archive), archive, grammars);
		exchange.answer(200, new ChatTokensEndpoint.Count(inference.countTokens(Wish.model(fields), prompt)));
	}

	private void retrieve(Exchange exchange, String id) throws IOException, InterruptedException {
		boolean stream = exchange.query("stream").filter("true"::equals).isPresent();
		Optional<Detached> unfinished = unfinished(exchange, id);
		if (stream && unfinished.filter(Detached::isFollowed).isPresent())
			unfinished.get().follow(new EventStream(exchange), exchange.query("starting_after").map(after -> number("starting_after", after)).orElse(-1));
		else if (stream)
			throw Refusal.unsupported("stream", "only a response that is made in the background as a stream is told as one, while it is made: ask for '%s' without 'stream'"
					.formatted(id));
		else
			exchange.answer(200, unfinished.isPresent() ? unfinished.get().latest() : kept(exchange, id).response());
	}

	record Deleted(String id, String object, boolean deleted) {
	}

	private void delete(Exchange exchange, String id) throws InterruptedException {
		Optional<Detached> unfinished = unfinished(exchange, id);
		if (unfinished.isPresent()) {
			unfinished.get().cancel();
			running.remove(id);
		}
		if (!archive.forget(exchange.caller(), id) && unfinished.isEmpty())
			throw unknown(id);
		exchange.answer(200, new Deleted(id, "response", true));
	}

	private void cancel(Exchange exchange, String id) throws InterruptedException {
		Optional<Detached> unfinished = unfinished(exchange, id);
		if (unfinished.isPresent()) {
			exchange.answer(200, unfinished.get().cancel());
			return;
		}
		JsonNode response = kept(exchange, id).response();
		if (!response.get("background").booleanValue())
			throw Refusal.malformed("the response '%s' was not made in the background, and can't be cancelled".formatted(id));
		exchange.answer(200, response);
	}

	record Listing(String object, List<JsonNode> data, Optional<String> firstId, Optional<String> lastId, boolean hasMore) {
	}

	private void input(Exchange exchange, String id) {
		List<JsonNode> items = kept(exchange, id).given();
		String order = exchange.query("order").orElse("desc");
		if (!order.equals("asc") && !order.equals("desc"))
			throw Refusal.invalid("order", "invalid_value", "'order' is '%s': it has to be asc or desc".formatted(order));
		int limit = exchange.query("limit").map(each -> number("limit", each)).orElse(20);
		if (limit < 1 || limit > 100)
			throw Refusal.invalid("limit", "invalid_value", "'limit' has to be 1 to 100, but is %d".formatted(limit));
		List<JsonNode> ordered = order.equals("asc") ? items : items.reversed();
		List<String> ids = ordered.stream().map(item -> item.get("id").stringValue()).toList();
		int from = exchange.query("after").map(after -> ids.indexOf(after) + 1).orElse(0);
		List<JsonNode> page = ordered.subList(from, Math.min(ordered.size(), from + limit));
		exchange.answer(200, new Listing("list", page, page.stream().findFirst().map(item -> item.get("id").stringValue()),
				page.reversed().stream().findFirst().map(item -> item.get("id").stringValue()), from + page.size() < ordered.size()));
	}

	private static int number(String name, String value) {
		try {
			return Integer.parseUnsignedInt(value);
		} catch (NumberFormatException e) {
			throw Refusal.invalid(name, "invalid_type", "'%s' has to be an integer, but is '%s'".formatted(name, value));
		}
	}

	private Optional<Detached> unfinished(Exchange exchange, String id) {
		return Optional.ofNullable(running.get(id)).filter(response -> response.caller().equals(exchange.caller()));
	}

	private Kept kept(Exchange exchange, String id) {
		return archive.find(exchange.caller(), id).orElseThrow(() -> unknown(id));
	}

	private static Refusal unknown(String id) {
		return Refusal.unknown("there is no response '%s': it was deleted, not stored, or not used for long, or is somebody else's".formatted(id));
	}
}

package meshwork.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.engine.Engine;
import meshwork.api.inference.Activity;
import meshwork.api.inference.Embedder;
import meshwork.api.inference.EmbeddingRequest;
import meshwork.api.inference.Embeddings;
import meshwork.api.inference.Generation;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Inference;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.InferenceException.ModelUnknown;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.Models;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.Ranking;
import meshwork.api.inference.RankingRequest;
import meshwork.api.inference.ServedModel;
import meshwork.api.inference.ServedModel.Facts;
import meshwork.api.inference.ServedModel.State;
import meshwork.api.inference.Texts;
import meshwork.runtime.Serving.Recall;

/** Hosts the models of this node, with the engines that are there. */
@Component(service = {Models.class, Inference.class, Texts.class, Embedder.class}, immediate = true, configurationPid = "meshwork.runtime")
@Designate(ocd = ModelHost.Config.class)
public final class ModelHost implements Models, Inference, Texts, Embedder {

	@ObjectClassDefinition(name = "Models")
	@interface Config {
		@AttributeDefinition(description = "Model files to serve; those that a change adds are loaded, those that it leaves out are unloaded")
		String[] models() default {};

		@AttributeDefinition(description = "Tokens that one sequence can have; 0 for what the model was trained on, at most 8192, and less where memory is short")
		int context() default 0;

		@AttributeDefinition(description = "Sequences that are decoded at once")
		int parallel() default 4;

		@AttributeDefinition(description = "Threads that compute; 0 for as many as suit the machine")
		int threads() default 0;

		@AttributeDefinition(description = "Requests that may wait for a place, per model")
		int queue() default 64;

		@AttributeDefinition(description = "Bytes of memory, per model, for what was computed of prompts and has no room in the engine any more")
		long cacheBytes() default 1L << 30;

		@AttributeDefinition(description = "Folder in which it is kept when a model is unloaded, so that the next start is warm; none: it is forgotten")
		String cacheFolder() default "";

		@AttributeDefinition(description = "Whether callers with different API keys may use what was computed of each other's prompts; they can then "
				+ "learn from the time it takes what others ask")
		boolean cacheShared() default false;
	}

	/** How long engines may take to appear when the node starts. */
	private static final Duration START = Duration.ofSeconds(10);
	/** The same for files that are most likely no model at all. */
	private static final Duration ODD_FORMAT = Duration.ofSeconds(2);
	/** How long running generations may go on when a model is unloaded, and when the node stops. */
	private static final Duration UNLOAD_DRAIN = Duration.ofSeconds(30);
	private static final Duration STOP_DRAIN = Duration.ofSeconds(3);

	private final Logger log;
	private final LongSupplier memory;
	private final long began = System.nanoTime();
	private final Engines engines = new Engines();
	private final Map<String, Hosted> models = new LinkedHashMap<>();
	private final ExecutorService changes = Executors
			.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("model settings").factory());
	private volatile Optional<ChatTemplates> templates = Optional.empty();
	private volatile Config config;
	private Set<ModelSettings> configured = Set.of();

	@Activate
	public ModelHost(Config config, @Reference(service = LoggerFactory.class) Logger log) {
		this(config, log, AvailableMemory::bytes);
	}

	ModelHost(Config config, Logger log, LongSupplier memory) {
		this.log = log;
		this.memory = memory;
		this.config = checked(config);
		apply(config);
	}

	@Modified
	void modified(Config changed) {
		config = checked(changed);
		changes.execute(() -> apply(changed));
	}

	private static Config checked(Config config) {
		if (config.context() < 0 || config.parallel() < 1 || config.threads() < 0 || config.queue() < 0 || config.cacheBytes() < 0)
			throw new IllegalArgumentException("meshwork.runtime: context is %d, parallel %d, threads %d, queue %d, cacheBytes %d: parallel is at least 1, "
					+ "the others are not negative".formatted(config.context(), config.parallel(), config.threads(), config.queue(),
							config.cacheBytes()));
		return config;
	}

	/** Ends what the configuration no longer names, and begins what it names anew. */
	private void apply(Config changed) {
		var wanted = new LinkedHashSet<ModelSettings>();
		for (String file : changed.models())
			wanted.add(complete(ModelSettings.of(Path.of(file)), changed));
		for (ModelSettings settings : configured)
			if (!wanted.contains(settings))
				hosted(settings.id().orElseThrow()).filter(it -> it.now().settings().equals(settings)).ifPresent(this::end);
		for (ModelSettings settings : wanted)
			if (!configured.contains(settings))
				try {
					add(settings, true);
				} catch (ModelRefused e) {
					log.error("{}", e.getMessage());
				}
		configured = wanted;
	}

	private static ModelSettings complete(ModelSettings settings, Config defaults) {
		Path file = settings.file().toAbsolutePath().normalize();
		return new ModelSettings(file, settings.id().or(() -> Optional.of(ModelFiles.id(file))),
				settings.context() > 0 ? settings.context() : defaults.context(),
				settings.parallel() > 0 ? settings.parallel() : defaults.parallel(),
				settings.threads() > 0 ? settings.threads() : defaults.threads());
	}

	@Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
	void addEngine(Engine engine, Map<String, Object> properties) {
		engines.add(engine, properties);
	}

	/** Returns when no model uses the engine any more, so that it can give its memory back. */
	void removeEngine(Engine engine) {
		engines.remove(engine);
		try {
			for (Hosted hosted : all())
				hosted.engineLeft(engine);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	@Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
	void addTemplates(ChatTemplates compiler) {
		templates = Optional.of(compiler);
	}

	void removeTemplates(ChatTemplates compiler) {
		if (templates.equals(Optional.of(compiler)))
			templates = Optional.empty();
	}

	@Override
	public List<ServedModel> list() {
		return all().stream().map(Hosted::now).toList();
	}

	@Override
	public Optional<ServedModel> find(String id) {
		return hosted(id).map(Hosted::now);
	}

	@Override
	public ServedModel load(ModelSettings settings) {
		Hosted hosted = add(complete(settings, config), false);
		try {
			return hosted.awaitLoaded();
		} catch (ModelRefused e) {
			remove(hosted);
			throw e;
		} catch (InterruptedException e) {
			hosted.unload(Duration.ZERO);
			remove(hosted);
			Thread.currentThread().interrupt();
			throw new ModelRefused(Reason.NOT_LOADED, "the loading of %s was interrupted".formatted(settings.file()), e);
		}
	}

	@Override
	public void unload(String id) {
		end(hosted(id).orElseThrow(() -> unknown(id)));
	}

	@Override
	public Generation generate(GenerationRequest request) {
		return serving(request.model()).generate(request, templates);
	}

	@Override
	public int countTokens(String model, Prompt prompt) {
		return serving(model).countTokens(prompt, templates);
	}

	@Override
	public CompletableFuture<Embeddings> embed(EmbeddingRequest request) {
		return serving(request.model()).embed(request);
	}

	@Override
	public CompletableFuture<Ranking> rank(RankingRequest request) {
		return serving(request.model()).rank(request);
	}

	@Override
	public List<Activity> activity() {
		return all().stream().flatMap(hosted -> hosted.activity().stream()).toList();
	}

	@Override
	public int[] tokenize(String model, String text, boolean special, boolean begin) {
		return serving(model).tokenize(text, special, begin);
	}

	@Override
	public byte[] bytes(String model, int token, boolean special) {
		return serving(model).bytes(token, special);
	}

	@Override
	public String render(String model, Conversation conversation) {
		return serving(model).render(conversation, templates);
	}

	@Override
	public String template(String model) {
		return serving(model).prompts().source();
	}

	@Override
	public String begin(String model) {
		return serving(model).prompts().begin();
	}

	@Override
	public String end(String model) {
		return serving(model).prompts().end();
	}

	@Deactivate
	void stop() throws InterruptedException {
		changes.shutdownNow();
		all().forEach(hosted -> hosted.unload(STOP_DRAIN));
		for (Hosted hosted : all())
			hosted.awaitOver();
	}

	private Hosted add(ModelSettings settings, boolean kept) {
		var hosted = new Hosted(settings, kept, this, log);
		String id = settings.id().orElseThrow();
		synchronized (models) {
			Optional<Hosted> other = Optional.ofNullable(models.get(id));
			if (other.isPresent() && other.get().now().state() != State.FAILED)
				throw new ModelRefused(Reason.NAME_TAKEN, "a model '%s' is here already, from %s: unload it, or give this one another name"
						.formatted(id, other.get().now().settings().file()));
			other.ifPresent(it -> it.unload(Duration.ZERO));
			models.put(id, hosted);
		}
		hosted.start();
		return hosted;
	}

	private void end(Hosted hosted) {
		hosted.unload(UNLOAD_DRAIN);
		try {
			hosted.awaitOver();
			remove(hosted);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private void remove(Hosted hosted) {
		synchronized (models) {
			models.remove(hosted.now().id(), hosted);
		}
	}

	private List<Hosted> all() {
		synchronized (models) {
			return List.copyOf(models.values());
		}
	}

	private Optional<Hosted> hosted(String id) {
		synchronized (models) {
			return Optional.ofNullable(models.get(id));
		}
	}

	private Serving serving(String id) {
		return hosted(id).orElseThrow(() -> unknown(id)).serving();
	}

	private ModelUnknown unknown(String id) {
		return new ModelUnknown(id, list().stream().map(ServedModel::id).toList());
	}

	Engines engines() {
		return engines;
	}

	Optional<ChatTemplates> templates() {
		return templates;
	}

	int queue() {
		return config.queue();
	}

	Recall recall() {
		String folder = config.cacheFolder();
		return new Recall(config.cacheBytes(), folder.isBlank() ? Optional.empty() : Optional.of(Path.of(folder)), config.cacheShared(), log::warn);
	}

	/** How long engines may still take to appear, since the node starts. */
	Duration patience() {
		Duration left = START.minusNanos(System.nanoTime() - began);
		return left.isNegative() ? Duration.ZERO : left;
	}

	/** Looks into a model's file: what is not GGUF is for the engine that says it loads such files, where there is one. */
	CheckedModel check(ModelSettings settings) throws InterruptedException {
		try {
			return ModelFiles.gguf(settings, memory.getAsLong() - promised());
		} catch (ModelRefused e) {
			String format = ModelFiles.format(settings.file());
			if (e.reason() != Reason.NOT_A_MODEL || format.equals(ModelFiles.GGUF)
					|| engines.await(format, patience().compareTo(ODD_FORMAT) < 0 ? patience() : ODD_FORMAT).isEmpty())
				throw e;
			return ModelFiles.plain(settings);
		}
	}

	/** Bytes of model files in use: they lie in memory that counts as available, since it is the file system's. */
	private long promised() {
		return list().stream().filter(it -> it.state() == State.READY).flatMap(it -> it.facts().stream()).mapToLong(Facts::fileBytes).sum();
	}
}

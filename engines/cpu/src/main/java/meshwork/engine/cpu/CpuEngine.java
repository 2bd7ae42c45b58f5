package meshwork.engine.cpu;

import java.util.function.DoubleConsumer;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

import meshwork.api.engine.Engine;
import meshwork.api.engine.EngineDescription;
import meshwork.api.engine.LoadOptions;
import meshwork.api.engine.Model;
import meshwork.api.engine.ModelFile;
import meshwork.engine.llama.LlamaEngine;

/** Runs models on the processor, by the prebuilt llama.cpp that this bundle carries. */
@Component(immediate = true, properties = "engine.properties", property = {Engine.NAME + "=cpu", Engine.BACKEND + "=cpu", Engine.FORMATS + "=gguf"})
public final class CpuEngine implements Engine {

	/** What the build writes into {@code engine.properties}. */
	@interface Release {

		/** The release of llama.cpp. */
		String engine_version();

		/** Digest of the libraries. */
		String engine_natives();
	}

	private final LlamaEngine engine;

	@Activate
	public CpuEngine(BundleContext context, Release release, @Reference(service = LoggerFactory.class) Logger logger) {
		engine = LlamaEngine.open("cpu", "cpu", release.engine_version(), release.engine_natives(), context, logger);
	}

	@Override
	public EngineDescription description() {
		return engine.description();
	}

	@Override
	public Model load(ModelFile file, LoadOptions options, DoubleConsumer progress) {
		return engine.load(file, options, progress);
	}

	@Deactivate
	void close() {
		engine.close();
	}
}

package meshwork.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import meshwork.bench.RandomModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model to measure with. */
@Command(name = "model", description = "Writes a model of random weights: as large and as fast as a real one, and the same bytes every time.")
final class BenchModel implements Callable<Integer> {

	@Option(names = "--shape", required = true, paramLabel = "SHAPE", description = "dense (0.4 billion parameters) or moe (1.3 billion, 8 of 64 experts a token).")
	private RandomModel.Shape shape;

	@Option(names = "--weights", required = true, paramLabel = "TYPE", description = "q4_0 or q8_0.")
	private RandomModel.Weights weights;

	@Option(names = "--speaker", paramLabel = "FILE", description = "The model whose vocabulary and template it gets. Default: the model in the box.")
	private Optional<Path> speaker;

	@Parameters(paramLabel = "FILE", description = "Where to write it.")
	private Path file;

	@Override
	public Integer call() throws IOException {
		RandomModel.write(shape, weights, speaker.orElseGet(() -> Home.find().starter()), file);
		return ExitCode.OK.code();
	}
}

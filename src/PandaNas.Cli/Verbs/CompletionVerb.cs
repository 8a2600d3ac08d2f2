using System.CommandLine;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda completion</c>: prints what makes a shell complete verbs, flags and names.</summary>
internal static class CompletionVerb
{
    // Each asks the program itself: its first argument says where the cursor is, the second what is typed.
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = """
            _panda() {
                local IFS=$'\n' line="${COMP_LINE#* }"
                local at=$((COMP_POINT - ${#COMP_LINE} + ${#line}))
                COMPREPLY=($(compgen -W "$(panda "[suggest:$at]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _panda panda
            """,
        ["zsh"] = """
            #compdef panda
            _panda() {
                local line="${words[2,CURRENT]}"
                local -a found=("${(@f)$(panda "[suggest:${#line}]" "$line" 2>/dev/null)}")
                compadd -- $found || _files
            }
            compdef _panda panda
            """,
        ["fish"] = """
            complete -c panda -a "(set -l line (string replace -r '^\S+ ' '' -- (commandline -cp));
            """
            + """
             panda \"[suggest:\"(string length -- \"$line\")\"]\" \"$line\" 2>/dev/null)"
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName panda -ScriptBlock {
                param($word, $ast, $cursor)
                $typed = "$ast"
                $line = if ($typed.Contains(' ')) { $typed.Substring($typed.IndexOf(' ') + 1) } else { '' }
                $at = [Math]::Max(0, $cursor - $typed.Length + $line.Length)
                panda "[suggest:$at]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "completion",
            "Print a script that makes a shell complete verbs, flags and names.",
            "",
            "panda completion bash >> ~/.bashrc",
            "panda completion zsh >> ~/.zshrc",
            "panda completion fish > ~/.config/fish/completions/panda.fish",
            "panda completion pwsh >> $PROFILE");
        var shell = new Argument<string>("SHELL") { Description = string.Join(", ", s_scripts.Keys) };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        command.Add(shell);
        command.SetAction(parsed =>
        {
            context.Output.WriteLine(s_scripts[parsed.GetValue(shell)!].ReplaceLineEndings("\n"));
            return ExitCode.Done;
        });
        return command;
    }
}

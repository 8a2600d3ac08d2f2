using Mono.Cecil.Cil;
using static Mono.Cecil.Cil.StackBehaviour;

namespace PandaNas.TorchCalls;

/// <summary>How many values instructions take from the stack and put there, calls apart.</summary>
internal static class StackEffect
{
    public static int Pops(StackBehaviour behaviour) => behaviour switch
    {
        Pop1 or Popi or Popref => 1,
        Pop1_pop1 or Popi_pop1 or Popi_popi or Popi_popi8 or Popi_popr4 or Popi_popr8 or Popref_pop1 or Popref_popi => 2,
        Popi_popi_popi or Popref_popi_popi or Popref_popi_popi8 or Popref_popi_popr4 or Popref_popi_popr8 or Popref_popi_popref => 3,
        _ => 0,
    };

    public static int Pushes(StackBehaviour behaviour) => behaviour switch
    {
        Push0 or Varpush => 0,
        Push1_push1 => 2,
        _ => 1,
    };
}
